from fastapi import Depends, FastAPI

import crud
from db import get_session
from schemas import Transfer, UserIn

app = FastAPI()


@app.post("/users", status_code=201)
def create_user(user: UserIn, session=Depends(get_session)):
    created = crud.create_user(session, user.email, user.name)
    return {"id": created.id}


@app.get("/users/{user_id}")
def read_user(user_id: int, session=Depends(get_session)):
    user = crud.get_user(session, user_id)
    return {"id": user.id, "email": user.email, "balance": user.balance}


@app.post("/transfers")
def transfer(order: Transfer, session=Depends(get_session)):
    ok = crud.transfer(session, order.source, order.target, order.amount)
    return {"ok": ok}


@app.get("/users/{user_id}/avatar")
def avatar(user_id: int, session=Depends(get_session)):
    return {"url": crud.avatar_url(crud.get_user(session, user_id).email)}
