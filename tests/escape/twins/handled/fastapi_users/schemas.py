from pydantic import BaseModel, Field, PositiveInt


class UserIn(BaseModel):
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    name: str = Field(min_length=1)


class Transfer(BaseModel):
    source: int
    target: int
    amount: PositiveInt
