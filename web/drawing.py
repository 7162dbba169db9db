"""Templates compiled once per language: what depends only on the language is rendered in advance.

Each template is compiled once for each language. A call of a function marked by ``drawn_once``
with constant arguments, such as ``_('货架')`` or ``icon('clock')``, is evaluated then and not on
every page. Nothing that depends on a person or the books is rendered in advance.
"""

from collections.abc import Callable, MutableMapping
from typing import Any, TypeVar

from flask import Flask
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.nodes import EvalContext
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from web.formats import FILTERS
from web.reader import LANGUAGES, catalogue, html_lang, language

Drawn = TypeVar("Drawn", bound=Callable[..., Any])


def drawn_once(draw: Drawn) -> Drawn:
    """Mark a template function whose result depends on its arguments alone."""
    draw._drawn_once = True  # type: ignore[attr-defined]
    return draw


class _Saying:
    """Translates a sentence into one language: ``_('…')``.

    Inserted values are escaped, the sentence itself is not.
    """

    _drawn_once = True

    def __init__(self, lang: str) -> None:
        self.look_up = catalogue(lang).gettext

    def __call__(self, message: str, **values: Any) -> Markup:
        said = self.with_gaps(message)
        return said % values if values else said  # "90% new" has no placeholder.

    def with_gaps(self, message: str) -> Markup:
        """The sentence with its placeholders."""
        return Markup(self.look_up(message))


class _Folding(NodeTransformer):
    """Replaces calls of marked functions with their results."""

    def __init__(self, drawing: "Drawing") -> None:
        self.known = drawing.globals
        self.context = EvalContext(drawing)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        called = self.known.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if not getattr(called, "_drawn_once", False) or node.dyn_args or node.dyn_kwargs:
            return node
        try:
            arguments = [argument.as_const(self.context) for argument in node.args]
            if isinstance(called, _Saying) and node.kwargs:
                return self._filled(called.with_gaps(*arguments), node)
            named = dict(pair.as_const(self.context) for pair in node.kwargs)
        except nodes.Impossible:
            return node
        return _const(called(*arguments, **named), node)  # type: ignore[misc]

    def _filled(self, sentence: Markup, node: nodes.Call) -> nodes.Node:
        """A known sentence, with the values to insert on each page."""
        values = [nodes.Pair(_const(kwarg.key, node), kwarg.value) for kwarg in node.kwargs]
        filled = nodes.Mod(_const(sentence, node), nodes.Dict(values))
        return filled.set_lineno(node.lineno).set_environment(self.context.environment)


def _const(value: Any, instead_of: nodes.Call) -> nodes.Const:
    return nodes.Const(value, lineno=instead_of.lineno)


class Drawing(Environment):
    """The template environment, with one overlay per language."""

    spoken: "dict[str, Drawing]"
    is_spoken = False

    def get_or_select_template(
        self, template_name_or_list: Any, parent: Any = None, globals: Any = None
    ) -> Template:
        """Return the template in the reader's language."""
        drawing = self if self.is_spoken else self.spoken[language()]
        get = super(Drawing, drawing).get_or_select_template
        return get(template_name_or_list, parent, globals)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Share one dictionary of globals between all templates.

        Jinja would create a layer over it for each template, and search it key by key at each
        import. No template here has globals of its own.
        """
        return super().make_globals(d) if d else self.globals

    def _generate(self, source: nodes.Template, *rest: Any, **how: Any) -> str:
        return super()._generate(_Folding(self).visit(source), *rest, **how)

    def in_language(self, lang: str) -> "Drawing":
        """Create an overlay in one language."""
        drawing = self.overlay()
        drawing.is_spoken = True
        say = _Saying(lang)
        drawing.globals = self.globals | {
            "_": say, "gettext": say,
            "language": drawn_once(lambda: lang), "html_lang": drawn_once(lambda: html_lang(lang)),
        }  # fmt: skip
        drawing.filters = self.filters | {
            name: _in_language(plain, lang) for name, plain in FILTERS.items()
        }
        return drawing


def finish(app: Flask) -> None:
    """Create the overlays, after every module has registered its globals."""
    drawing = app.jinja_env
    assert isinstance(drawing, Drawing)
    drawing.spoken = {lang: drawing.in_language(lang) for lang in LANGUAGES}


def _in_language(plain: Callable[..., str], lang: str) -> Callable[..., str]:
    def spoken(value: Any, *rest: Any) -> str:
        return plain(value, lang, *rest)

    return spoken
