import hashlib

import requests

from db import User


def create_user(session, email, name):
    user = User(email=email, name=name)
    session.add(user)
    session.commit()
    return user


def get_user(session, user_id):
    return session.get(User, user_id)


def transfer(session, source_id, target_id, amount):
    try:
        source = session.get(User, source_id)
        target = session.get(User, target_id)
        source.balance -= amount
        target.balance += amount
        session.commit()
        return True
    except Exception:
        return False


def avatar_url(email):
    digest = hashlib.md5(email.encode()).hexdigest()
    profile = requests.get(f"https://avatars.example.com/{digest}.json").json()
    return profile["url"]
