import hashlib
import logging

import requests
from sqlalchemy.exc import IntegrityError

from db import User

log = logging.getLogger(__name__)


class Conflict(Exception):
    pass


def create_user(session, email, name):
    user = User(email=email, name=name)
    session.add(user)
    try:
        session.commit()
    except IntegrityError as exc:
        session.rollback()
        raise Conflict("this email is registered already") from exc
    return user


def get_user(session, user_id):
    return session.get(User, user_id)


def transfer(session, source_id, target_id, amount):
    with session.begin():
        source = session.get(User, source_id, with_for_update=True)
        target = session.get(User, target_id, with_for_update=True)
        if source is None or target is None:
            raise Conflict("both accounts must exist")
        if source.balance < amount:
            raise Conflict("insufficient funds")
        source.balance -= amount
        target.balance += amount


def avatar_url(email):
    digest = hashlib.md5(email.encode(), usedforsecurity=False).hexdigest()
    try:
        resp = requests.get(f"https://avatars.example.com/{digest}.json", timeout=3)
        if resp.status_code == 404:
            return None
        resp.raise_for_status()
        return resp.json()["url"]
    except (requests.RequestException, KeyError, TypeError):
        log.warning("avatar lookup failed", exc_info=True)
        return None
