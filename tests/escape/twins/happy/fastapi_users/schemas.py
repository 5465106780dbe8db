from pydantic import BaseModel


class UserIn(BaseModel):
    email: str
    name: str


class Transfer(BaseModel):
    source: int
    target: int
    amount: int
