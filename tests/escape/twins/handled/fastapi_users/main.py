import logging
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import crud
from db import User, get_session
from schemas import Transfer, UserIn

log = logging.getLogger(__name__)
app = FastAPI()
Db = Annotated[Session, Depends(get_session)]


@app.exception_handler(SQLAlchemyError)
def database_error(request: Request, exc: SQLAlchemyError):
    log.error("database error on %s", request.url.path, exc_info=exc)
    return JSONResponse({"detail": "database unavailable"}, status_code=503)


@app.exception_handler(crud.Conflict)
def conflict(request: Request, exc: crud.Conflict):
    return JSONResponse({"detail": str(exc)}, status_code=409)


def existing_user(user_id: int, session: Db) -> User:
    user = crud.get_user(session, user_id)
    if user is None:
        raise HTTPException(404, "no such user")
    return user


CurrentUser = Annotated[User, Depends(existing_user)]


@app.post("/users", status_code=201)
def create_user(user: UserIn, session: Db):
    created = crud.create_user(session, user.email, user.name)
    return {"id": created.id}


@app.get("/users/{user_id}")
def read_user(user: CurrentUser):
    return {"id": user.id, "email": user.email, "balance": user.balance}


@app.post("/transfers")
def transfer(order: Transfer, session: Db):
    crud.transfer(session, order.source, order.target, order.amount)
    return {"ok": True}


@app.get("/users/{user_id}/avatar")
def avatar(user: CurrentUser):
    # The avatar is decoration: a missing one is an answer, not an error.
    return {"url": crud.avatar_url(user.email)}
