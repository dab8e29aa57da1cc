"""Who is in a channel, and what becomes of channels: with the events that Slack sends."""

from .channels import Channel
from .events import emit, emit_if_member
from .journal import Json
from .posting import Draft, post
from .users import User
from .world import World


def join(world: World, channel: Channel, user: User, inviter: User | None = None) -> list[str]:
    """Put the user into the channel; [] where they are in it."""
    if user.id in channel.members:
        return []
    channel.members.append(user.id)
    events = _share_with(world, channel, user.team_id) if user.external else []
    world.keep_channel(channel)
    world.feed.add("membership", channel=channel.id, user=user.id, joined=True)
    event: Json = {"type": "member_joined_channel", "user": user.id, "channel": channel.id, "channel_type": _letter(channel)}
    event |= {"team": user.team_id, "event_ts": world.clock.ts()} | ({"inviter": inviter.id} if inviter else {})
    events += emit_if_member(world, event, channel)
    return events + _note(world, channel, user, "channel_join", f"<@{user.id}> has joined the channel")


def leave(world: World, channel: Channel, user: User, remover: User | None = None) -> list[str]:
    """Take the user out of the channel; [] where they are not in it. Tacit itself hears channel_left or group_left."""
    if user.id not in channel.members:
        return []
    channel.members.remove(user.id)
    world.keep_channel(channel)
    world.feed.add("membership", channel=channel.id, user=user.id, joined=False)
    if user.id == world.bot_user:
        type = "group_left" if channel.kind != "channel" else "channel_left"
        return emit(world, {"type": type, "channel": channel.id, "actor_id": (remover or user).id, "event_ts": world.clock.ts()}, channel)
    event = {"type": "member_left_channel", "user": user.id, "channel": channel.id, "channel_type": _letter(channel)}
    events = emit_if_member(world, event | {"team": user.team_id, "event_ts": world.clock.ts()}, channel)
    return events + _note(world, channel, user, "channel_leave", f"<@{user.id}> has left the channel")


def _letter(channel: Channel) -> str:
    return "C" if channel.kind == "channel" else "G"


def _note(world: World, channel: Channel, user: User, subtype: str, text: str, **more: str) -> list[str]:
    return post(world, channel, user, Draft(text, subtype=subtype, more=dict(more)))[1]


def privacy(world: World, channel: Channel, actor: User, private: bool) -> list[str]:
    """Turn a public channel private, or the other way round; [] where it is so already."""
    kind = "private" if private else "channel"
    if channel.kind == kind:
        return []
    channel.kind = kind
    world.keep_channel(channel)
    subtype = "channel_convert_to_private" if private else "channel_convert_to_public"
    return _note(world, channel, actor, subtype, f"made this channel {'private' if private else 'public'}.")


def share(world: World, channel: Channel, team: str | None) -> list[str]:
    """Share the channel with another workspace, or end all sharing (`None`)."""
    if team is not None:
        events = _share_with(world, channel, world.other_team(team))
    else:
        others, channel.shared = channel.shared, []
        events = [each for other in others for each in _shared_event(world, channel, "channel_unshared", other, is_ext_shared=False)]
    world.keep_channel(channel)
    return events


def _share_with(world: World, channel: Channel, team_id: str) -> list[str]:
    if team_id in channel.shared:
        return []
    channel.shared.append(team_id)
    return _shared_event(world, channel, "channel_shared", team_id)


def _shared_event(world: World, channel: Channel, type: str, team_id: str, **more: bool) -> list[str]:
    other = {"connected_team_id": team_id} if type == "channel_shared" else {"previously_connected_team_id": team_id}
    return emit_if_member(world, {"type": type, **other, "channel": channel.id, "event_ts": world.clock.ts(), **more}, channel)


def archive(world: World, channel: Channel, actor: User, archived: bool) -> list[str]:
    """Archive the channel, or take it out of the archive; [] where it is so already."""
    if channel.archived == archived:
        return []
    channel.archived = archived
    world.keep_channel(channel)
    type = f"{_family(channel)}_{'archive' if archived else 'unarchive'}"
    event = {"type": type, "channel": channel.id, "user": actor.id, "is_moved": 0, "event_ts": world.clock.ts()}
    return emit_if_member(world, event, channel)


def rename(world: World, channel: Channel, actor: User, name: str) -> list[str]:
    """Give the channel another name."""
    old, channel.name = channel.name, name.removeprefix("#")
    world.keep_channel(channel)
    shown = {"id": channel.id, "name": channel.name, "name_normalized": channel.name, "created": channel.created}
    event = {"type": f"{_family(channel)}_rename", "channel": shown, "event_ts": world.clock.ts()}
    events = emit_if_member(world, event, channel)
    text = f'has renamed the channel from "{old}" to "{channel.name}"'
    return events + _note(world, channel, actor, "channel_name", text, old_name=old, name=channel.name)


def remove(world: World, channel: Channel, actor: User) -> list[str]:
    """Delete the channel with all that was written in it."""
    event = {"type": f"{_family(channel)}_deleted", "channel": channel.id, "actor_id": actor.id, "event_ts": world.clock.ts()}
    events = emit_if_member(world, event, channel)
    for message in world.messages.of_channel(channel.id):
        world.messages.drop(message)
    for message in world.messages.ephemeral_in(channel.id):
        world.messages.drop_ephemeral(message)
    del world.channels[channel.id]
    world.journal.drop("channel", channel.id)
    world.feed.add("channel", channel=world.shown_channel(channel) | {"deleted": True})
    return events


def _family(channel: Channel) -> str:
    return "channel" if channel.kind == "channel" else "group"
