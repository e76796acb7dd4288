"""A plain FastAPI application with many kinds of operations."""
from typing import Annotated, Literal
from uuid import UUID
from datetime import datetime
from fastapi import Body, Cookie, FastAPI, File, Header, HTTPException, Path, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from pydantic import BaseModel, Field

app = FastAPI(title="Shop", version="1.2.0", description="Orders and what they are made of.")


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=80, pattern=r"^\S")
    price: float = Field(gt=0)
    tags: list[str] = []
    note: str | None = None
    kind: Literal["book", "food"] = "book"


class Node(BaseModel):
    """A tree."""
    value: int
    children: list["Node"] = []


class Label(BaseModel):
    text: str


@app.get("/items/{item_id}", summary="Read one item", tags=["items"])
def read_item(
    item_id: Annotated[int, Path(ge=1)],
    verbose: bool = False,
    tag: Annotated[list[str] | None, Query()] = None,
    x_request_label: Annotated[str | None, Header()] = None,
    session: Annotated[str | None, Cookie()] = None,
):
    """Gives an item back, with everything that was asked for."""
    if item_id == 404:
        raise HTTPException(404, "There is no such item.")
    if item_id == 500:
        return JSONResponse({"detail": "The database is gone."}, status_code=500)
    return {"item_id": item_id, "verbose": verbose, "tag": tag, "x_request_label": x_request_label}


@app.put("/items/{item_id}")
def put_item(item_id: int, item: Item):
    return {"item_id": item_id, "item": item}


@app.delete("/items/{item_id}", status_code=204)
def delete_item(item_id: int) -> None:
    return None


@app.post("/items/", status_code=201)
def create_item(item: Item, dry_run: bool = False):
    return {"item": item, "dry_run": dry_run}


@app.post("/trees")
def depth(node: Node) -> int:
    """The depth of a tree."""
    def of(n: Node) -> int:
        return 1 + max([of(c) for c in n.children], default=0)
    return of(node)


@app.post("/pairs")
def pairs(first: Item, second: Item, factor: Annotated[int, Body(ge=1)]):
    return {"names": [first.name, second.name], "factor": factor}


@app.get("/files/{name}", response_class=PlainTextResponse)
def read_file(name: str) -> str:
    return f"file {name}"


@app.get("/search")
def search(q: str, since: datetime | None = None, owner: UUID | None = None, limit: Annotated[int, Query(le=100)] = 10):
    return [q, since, owner, limit]


@app.post("/upload")
def upload(file: UploadFile = File()):
    return {"name": file.filename}


@app.get("/me")
def me(session: Annotated[str, Cookie()]):
    return session


@app.get("/old", deprecated=True)
def old():
    return RedirectResponse("http://169.254.169.254/latest/meta-data/")


@app.get("/picture")
def picture():
    return Response(b"\x89PNG\r\n\x1a\nrest", media_type="image/png")


@app.get("/archive")
def archive():
    return Response(b"\x00\x01\x02\x03", media_type="application/zip")


# The two applications of Ray Serve's guide, as they are asked over HTTP.
@app.post("/classify", response_model=str)
async def classify(request: Request):
    body = await request.json()
    return "samoyed" if body["image_url"].endswith("samara.png") else "cat"


@app.post("/translate")
def translate(text: Annotated[str, Body()]) -> str:
    return {"How are you?": "Comment allez-vous?"}.get(text, text.upper())
