"""Structures that cross between client and relay, with the least that they may hold."""

import msgspec

__all__ = ["filled"]


def filled(kind: type) -> object:
    """Return a structure whose fields are as small as their types allow."""
    values = [_least(field.type) for field in msgspec.inspect.type_info(kind).fields]
    return msgspec.convert(
        dict(zip(kind.__struct_fields__, values, strict=True))
        if not kind.__struct_config__.array_like
        else _tagged(kind, values),
        kind,
    )


def _tagged(kind: type, values: list[object]) -> list[object]:
    tag = kind.__struct_config__.tag
    return values if tag is None else [tag, *values]


def _least(of: msgspec.inspect.Type) -> object:  # noqa: C901, PLR0911  one for each type
    match of:
        case msgspec.inspect.BytesType(min_length=least):
            return bytes(least or 0)
        case msgspec.inspect.IntType(ge=least):
            return least or 0
        case msgspec.inspect.StrType():
            return "x"
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.EnumType(cls=cls):
            return next(iter(cls))
        case msgspec.inspect.StructType(cls=cls):
            return filled(cls)
        case msgspec.inspect.ListType(item_type=item):
            return [_least(item)]
        case msgspec.inspect.VarTupleType(item_type=item):
            return (_least(item),)
        case msgspec.inspect.DictType(key_type=key, value_type=value):
            return {_least(key): _least(value)}
        case msgspec.inspect.UnionType(types=types):
            return _least(types[0])
    return None
