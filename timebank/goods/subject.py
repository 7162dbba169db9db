"""What the subject of goods declares: the catalogue, deposits, lots and the shelf."""

from timebank.goods import verbs
from timebank.goods.setting import open_shop
from timebank.subject import Subject

SUBJECT = Subject(
    name="goods",
    stands_on=("ledger", "people", "policy"),
    settings=(open_shop,),
    verbs={
        "announce": verbs.announce,
        "receive": verbs.receive,
        "stock": verbs.stock,
        "sign_cleaning": verbs.sign_cleaned,
    },
    checks={"stock": verbs.check_stock, "honour": verbs.check_honour},
)
