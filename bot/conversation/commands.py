"""The words that steer a conversation wherever it is, such as 人工 or 返回."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from bot import data_files
from bot.conversation.fields.phrases import any_of
from knowledge.text import bare

_EASY = re.compile(
    r"(听不懂|看不懂|没听懂|没看懂)?(请|麻烦)?(你|您)?(再|能不能|可不可以)?(请|换|用|说|讲|看)?(得|个)?"
    r"(简单|短)一?[点些]?儿?(的|的话|话)?(来)?(说|讲)*[吧嘛吗哈]?"
)
_SIMPLER = r"(你|您)?(说|讲|写)(得|的)?(简单|短)(一?点|一?些)[嘛吗吧哈]?"
_LONG_WINDED = r"(你|您)?(们)?(讲|说|写|话)?(得|的)?(太|好|真|也太)?(啰嗦|罗嗦|啰唆|长)(得很|了|嘛|哦|死了)+"
_UNLETTERED = re.compile(
    rf"我?(不认得|认不得|不认识|认不到|不识)(好多|几个|好几个|多少)?字({_SIMPLER})?|.{{0,8}}{_SIMPLER}"
)
_FULL = re.compile(r"(请|麻烦)?(你|您)?再?(换|说|讲|看)?得?(个)?(详细|全部|全)一?[点些]?儿?的?(说|讲|看)*[吧嘛吗哈]?")
_HUMAN = re.compile(r"(转|找|要|接)?(人工|真人)(客服|服务)?[吧嘛]?")
_ENDING = re.compile(
    r"(?:(好|好的|好吧|好嘛|嗯+|恩|哦+|噢|行|要得|可以|知道了?|晓得了?|明白了?|谢谢.{0,2}|多谢|不用.{0,2}|算了|算咯|没事.{0,2}|没什么"
    r"|我?(现在|已经|都)?(没事|出来|跑出来|安全|到家|回家|报警|报了警)了|(你们?|您)?(别|不要|莫)管我|我?不?想?说了?|我?好(点|些|多)了?"
    r"|(我|已经|刚|都|现在)*(打|拨)(了|过|通).{0,2}(120|110|12356|电话)了?)[吧嘛啊呀了哈]*){1,3}"
)
_WHOM = re.compile(
    r"(?:那|我|现在)*(?:要|该|应该|能|可以)?(?:跟|找|给|和|向)(?:谁|哪个|哪里|啥子人|什么人)(?:说|讲|打|求助|帮忙|帮)*(?:嘛|呢|啊)?"
)
_NOT_DEATH = re.compile(
    r"(?:我|又|也|其实|真的|哦)*(?:并?没有?|不是|没得)(?:说)?(?:真的?)?(?:想要?|要|去|打算)*"
    r"(?:死(?![成掉])|自杀|寻死|轻生|不想活|想不开)(?:的?意思)?[了的嘛哈哦啊过呀噻哒]*"
    r"(?:我?(?:只是|就是|光是|是)(?:有点|很|太|心里|心头|随便)*"
    r"(?:难受|难过|心烦|烦|累|不舒服|不高兴|恼火|说说|说老了|说以后|说将来|打比方|打个比方|说起耍|说气话|气话|开玩笑)[了的嘛哈]*(?:得很|而已)?)?"
)
_SOMEBODY = (
    "不懂",
    "懂啥",
    "懂什么",
    "真人",
    "机器",
    "程序",
    "人工智能",
    "ai",
    "活人",
    "是人",
    "是谁",
    "是哪个",
    "是什么",
)
_DECLINES = (
    r"(?:(?:我的?|他的?|她的?)?{names}|我们?|他|她|暂时|现在|都|就|也|还是|真的|实在|可以|可不可以|能不能|能|想)*+(?:不太?想|不大?想|不愿意?|不大?方便|不肯|不便|不敢|不)(?:再)?"
    r"(?:(?:留|给|说|讲|告诉|提供|回答)(?:[你您]们?|出来|别人)?(?:[我他她]的?)?(?:{names}|[这那](?:个|项|一项|些)|号码?)?"
    r"|(?:填|写)(?:[我他她]的?)?(?:{names}|[这那](?:个|项|一项|些)|号码?))(?:了|吗|嘛|吧|哈|行不行?|可以不|得行不|可以吗|行吗)*"
)
_NOTHING_MORE = re.compile(
    r"(?:我|都|也|还|就|那|好像|暂时|现在)*(?:没有?|没得|莫得|无|不用|不需要)(?:啥子?|什么|其他|其它|别的|哪样|得|特别)*(?:好|要|想|需要)?再?"
    r"(?:说|讲|补充|写|填|交代|交待|问)?(?:的|得)?(?:了|啦|咯|哈|嘛|哦|啊)*(?:(?:就|只有|都)?(?:是)?(?:这些|这样|这么多|这点|说完|讲完)(?:了|吧|嘛|够)*)*(?:谢谢[你您]?)?"
)
_YES = re.compile(
    r"(?=.*(?:对|是|没错|没问题|没得问题|要得|可以|好|嗯|[打用记就]这个))"
    r"(?:嗯|啊|哦|对头|对|是我(?!的)|是|没错|没问题|没得问题|就|[打用记]?[这那][个些](?:号码|号|电话|名字|镇|人)?|它|我的?(?:号码|手机号?|电话|名字)"
    r"|要得|可以|好的?(?!了)|确实|正确|[的嘛哈啊吧呀噻撒])++"
)
_NO = re.compile(
    r"(?:啊|哦|嗯)*(?:不是|不对|错了|写错了|说错了|搞错了|弄错了)"
    r"(?:不是|不对|错了|写错了|说错了|[这那]个(?:号码|号|电话|名字)?|它|我的?(?:号码|手机号?|电话|名字)?|我|[的了嘛哈啊吧呀噻撒])*+"
)
_ALL_RIGHT = "(?:就这样|就这些|不改了|嗯|对头|对的?|都对|没错|没问题|没得问题|好的?|要得|可以|是的|[嘛哈啊吧])"
_HAND_IN = re.compile(
    rf"(?:{_ALL_RIGHT}|那就?|就|都|帮我|给我|我)*+(?:提交|交上去|交|确认)(?:上去|登记|一下|谢谢|[了呀噻撒]|{_ALL_RIGHT})*+"
    rf"|(?=.*(?:对|没错|问题|好|要得)){_ALL_RIGHT}++"
)
_ANOTHER = re.compile(
    r"(?:还|再|也|另外|又)(?!没|不|是|差|要填)[^不没]{0,8}(?:登记|报名|填)[^了完]{0,3}(?:一个|一份|一下|自己|我|他|她|别人)"
    r"|(?:给|帮)[^不没]{1,6}(?:也|再|还)[^不没]{0,4}(?:登记|报名|填)|(?:登记|填)(?:另外|别的|第二|两|几)(?:一|个|份)"
)
_LONGEST = 30  # characters; what is longer says more
_SHORT = 12  # characters
_GIVING_UP = ("不登记", "不想登记", "不填", "不想填", "不搞", "删", "取消", "撤")
_WHERE_I_WAS = re.compile(
    r"(?:我|昨天|前天|上次|上回|刚才|之前|那个)*(?:登记)?(?:表)?(?:填|弄|搞|登记)到(?:哪|第几|好多)(?:里|儿|点|个地方|一?步|项|个)?[了来啦的呢嘛哦啊]*"
)
_REGISTER_AFTER_ALL = re.compile(
    r"(?:那|就|还是|要得|好|行|[嘛吧啊哦]|我|要|想|给我|帮我|又)*(?:登记|登|报名|报个名)(?:一下|一哈|起|找工作)*(?:嘛|吧|哈|算了|啊|哦|噻|撒)*"
)
_AROUND_A_COMMAND = re.compile(
    r"^(?:还是|那就|那|我要|我想|想要|要|请|帮我|给我|先|就)+|(?:一下|一哈|了|嘛|吧|哈|啊|哦|噻|撒)+$"
)
_MOVES = ("back", "pause", "cancel", "restart")
_PATTERNS = (
    ("register", _REGISTER_AFTER_ALL),
    ("easy", _EASY),
    ("easy", _UNLETTERED),
    ("easy", re.compile(_LONG_WINDED)),
    ("full", _FULL),
    ("human", _HUMAN),
    ("continue", _WHERE_I_WAS),
)


def command(message: str) -> str | None:
    """Return the command that works everywhere and that ``message`` gives as a whole, None when it gives none."""
    words = bare(message)
    found = _words("everywhere").get(words)
    return found or next((name for name, pattern in _PATTERNS if pattern.fullmatch(words)), None)


def form_commands(message: str) -> frozenset[str]:
    """Return the commands that ``message`` can mean inside a form: 没有了 skips a step, or ends a choice of several."""
    words = bare(message)
    found = frozenset(name for name, known in _groups("form").items() if words in known)
    if not found:  # 还是返回一下
        core = _AROUND_A_COMMAND.sub("", words)
        found = frozenset(name for name in _MOVES if core in _groups("form")[name])
    patterns = (("nothing", _NOTHING_MORE), ("submit", _HAND_IN))
    if len(words) > _LONGEST:
        return found
    return found | {name for name, pattern in patterns if pattern.fullmatch(words)}


def confirms(message: str) -> bool | None:
    """Return whether ``message`` says yes or no to what was put to the person, None when it says neither."""
    words = bare(message)
    known = _groups("confirm")
    if len(words) > _LONGEST:
        return None
    if words in known["no"] or _NO.fullmatch(words):
        return False
    return True if words in known["yes"] or _YES.fullmatch(words) else None


def known_words(group: str) -> Mapping[str, frozenset[str]]:
    """Return the lists of words of ``group``, by name."""
    return _groups(group)


def is_short_answer(message: str) -> bool:
    """Whether ``message`` is, as a whole, what people answer to somebody who asked them something."""
    return confirms(message) is not None or bare(message) in _groups("answer")["words"]


def drops(message: str) -> bool:
    """Whether ``message`` says as a whole that what was to be written won't be."""
    return bare(message) in _groups("answer")["never_mind"]


def rates_unhelpful(message: str) -> bool:
    """Whether ``message`` says as a whole that what was answered did not help."""
    return bare(message) in _groups("rating")["unhelped"]


def is_angry(message: str) -> bool:
    """Whether ``message`` is short and abusive."""
    words = bare(message)
    return len(words) <= _SHORT and any(word in words for word in _groups("anger")["words"])


def ends_it(message: str) -> bool:
    """Whether ``message`` only says that the person heard, has done something about it, or wants to be left alone."""
    words = bare(message)
    return len(words) <= _LONGEST and _ENDING.fullmatch(words) is not None


def asks_whom(message: str) -> bool:
    """Whether ``message`` asks whom to turn to."""
    return _WHOM.fullmatch(bare(message)) is not None


def denies_despair(message: str) -> bool:
    """Whether ``message`` says that the person did not mean to die, and nothing that sounds otherwise."""
    words = bare(message)
    return len(words) <= _LONGEST and _NOT_DEATH.fullmatch(words) is not None


def wonders_who(message: str) -> bool:
    """Whether ``message`` asks who it is that answers."""
    words = bare(message)
    return len(words) <= _SHORT and words.startswith(("你", "您", "跟我说")) and any(one in words for one in _SOMEBODY)


def gives_up(message: str) -> bool:
    """Whether ``message`` speaks of not wanting to register, or no longer."""
    return any(word in message for word in _GIVING_UP)


def declines(message: str, names: Iterable[str]) -> bool:
    """Whether ``message`` says that the person would rather not tell what is asked, which has these ``names``."""
    pattern = _DECLINES.replace("{names}", any_of(map(bare, names)))
    words = bare(message)
    return len(words) <= _LONGEST and re.fullmatch(pattern, words) is not None


def registers_another(message: str) -> bool:
    """Whether ``message`` speaks of registering one more person (我还想给自己也登记一个)."""
    return _ANOTHER.search(bare(message)) is not None


@cache
def _words(group: str) -> Mapping[str, str]:
    return {word: name for name, known in _groups(group).items() for word in known}


@cache
def _groups(group: str) -> Mapping[str, frozenset[str]]:
    groups = data_files.read("bot.conversation", "commands.yaml")
    return {name: frozenset(map(bare, words)) for name, words in groups[group].items()}
