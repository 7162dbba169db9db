"""What the subject of goods declares: the catalogue, deposits, lots and the shelf."""

from datetime import time

from timebank.goods import sample, verbs
from timebank.goods.setting import open_shop
from timebank.subject import Errand, Subject

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
    founding=(sample.found,),
    errands=(
        Errand(at=time(0, 6), run=sample.lapse_on_mondays),
        Errand(at=time(10), run=sample.give),
        Errand(at=time(22), run=sample.announce_on_last_evening),
    ),
)
