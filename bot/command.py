"""The `tacit` command. Each subcommand imports what it needs when it runs, so that `tacit --help` answers at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.talk_file import PlaceName

WRONG_SETTINGS = 2  # the exit status, as for a wrong option


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="tacit")
def main() -> None:
    """Tacit: the Slack teammate that learns.

    One teammate tells it something in a thread; it helps another with that later, and names the source.

    \b
    First look:      tacit try        a pretend Slack in your browser, no account needed
    Your own Slack:  tacit doctor     says what is missing, and where to get it
                     tacit bot        } two processes, configured by the environment
                     tacit worker     } (deploy/README.md)
    """


@main.command("try")
@click.option("--store", "stores_", multiple=True, metavar="MODULE:CLASS", help="A store to try beside the enabled ones; may be repeated.")
def try_(stores_: tuple[str, ...]) -> None:
    """Start everything on this machine, with a pretend Slack to talk in.

    Prints the page's address and three things to try. State is kept in .tacit/ and survives a restart; the logs of the bot and the worker
    are in .tacit/logs/. Ctrl-C stops everything.

    \b
    Without any settings it uses SQLite, an embedded queue and a model that is no language model, and says so. It honours
      PORT                              of the page (8700)
      OPENAI_API_KEY, OPENAI_BASE_URL   a real language model
      MODEL_TIMEOUT                     seconds that one call of it may take (60)
      MONGODB_URL, REDIS_URL            servers of your own

    With --store, a learning store of your own is enabled as well, from a module that is installed or lies in this folder; if it cannot be
    used, that is said before anything starts.
    """
    from bot.sandbox.trying import WrongStore, try_it, with_stores

    settings = _settings()
    try:
        settings = with_stores(settings, stores_) if stores_ else settings
    except WrongStore as wrong:
        click.echo(wrong, err=True)
        sys.exit(WRONG_SETTINGS)
    sys.exit(asyncio.run(try_it(settings)))


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--mongodb-url", envvar="MONGODB_URL", metavar="URL", help="Play on MongoDB: a fresh database for each file, dropped afterwards."
)
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Keep the logs and databases of the plays here."
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Play so many files at a time.")
@click.option("--verbose", is_flag=True, help="Show what bot and worker logged, also when all went well.")
def play(files: tuple[Path, ...], mongodb_url: str | None, keep: Path | None, jobs: int, verbose: bool) -> None:
    """Play scenario files and judge what Tacit does.

    Each FILE is played on a fresh system of its own (pretend Slack, bot, worker, queue, database). Prints the chat with times. Exit status
    0 when everything was as the files say, else 1 with what differed, as FILE:LINE. The format is described in bot/sandbox/README.md;
    bot/sandbox/scenarios/ holds the scenarios that are shipped.

    Without OPENAI_API_KEY and OPENAI_BASE_URL the offline model answers.
    """
    from bot.sandbox.play.playing import play_files

    _settings()
    sys.exit(asyncio.run(play_files(files, mongodb_url=mongodb_url or None, keep=keep, jobs=jobs, verbose=verbose)))


@main.command()
def bot() -> None:
    """Run the bot: it listens to Slack and answers.

    \b
    Needs SLACK_BOT_TOKEN, SLACK_APP_TOKEN (or SLACK_SIGNING_SECRET for events over HTTP), and OPENAI_API_KEY or OPENAI_BASE_URL.
    Answers GET /healthz and /readyz on BOT_PORT. While the database or Slack is away it waits, and /readyz says for what; where Slack
    refuses a token it ends with exit status 1. SIGTERM ends it; what it had not answered is answered after the next start.
    """
    settings = _settings(slack=True)
    from bot.running import run_bot, status

    sys.exit(status(lambda: asyncio.run(run_bot(settings))))


@main.command()
def worker() -> None:
    """Run a worker: it learns from conversations once they are finished.

    Needs the same settings as the bot. Run as many as you like. SIGTERM ends it; what it had not learned is learned later.
    """
    settings = _settings(slack=True)
    from bot.running import run_worker, status

    sys.exit(status(lambda: run_worker(settings)))


@main.group(invoke_without_command=True)
@click.pass_context
def stores(context: click.Context) -> None:
    """List the learning stores: what is installed, enabled, broken, and why.

    A store is enabled by its name in LEARNING_STORES (names separated by commas), or as module:Class where no package offers it. Exit
    status 1 when an enabled one is broken. `tacit stores new` begins one of your own.
    """
    if context.invoked_subcommand is not None:
        return
    from stores.loading import installed

    settings = _settings()
    found = installed(settings.store_names)
    width = max((len(store.name) for store in found), default=0)
    for store in found:
        click.echo(f"{store.name:{width}}  {store.state:9}  {store.where}{f': {store.why}' if store.why else ''}")
    sys.exit(any(store.state == "broken" and store.wanted for store in found))


@stores.command()
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
def new(name: str, folder: Path | None) -> None:
    """Write a package with a store of your own, to begin with.

    NAME is the store's name, such as filing_deadlines. The package is written into DIR, or into a folder of that name here, and passes its
    own tests; nothing is overwritten.
    """
    from bot.new_store import NoStore, write_store

    try:
        for line in write_store(name, folder):
            click.echo(line)
    except NoStore as e:
        click.echo(e, err=True)
        sys.exit(1)


@main.command()
def doctor() -> None:
    """Check settings, Slack's tokens and scopes, the database, Redis, the model and the plugins.

    Names the remedy for each failure. Exit status 1 if anything is wrong.
    """
    from bot.doctor import examine

    findings = asyncio.run(examine(_settings()))
    for finding in findings:
        click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.name}: {finding.detail}")
        if not finding.ok and finding.remedy:
            click.echo(f"       {finding.remedy}")
    sys.exit(not all(finding.ok for finding in findings))


@main.command()
@click.argument("corpus", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("questions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def rank(corpus: Path, questions: Path) -> None:
    """Rank a corpus for questions, with the index, embedder and gate that recall uses.

    CORPUS and QUESTIONS hold a JSON object a line; what is in brackets may be missing.

    \b
      CORPUS     {"id", "text", ["source"], ["cues"], ["audience"], ["speaker"], ["date"], ["group"]}
      QUESTIONS  {"id", "text", ["readers"], ["group"]}
      output     {"question": id, "ranked": [[id, score], ... up to 20], "surfaced": [ids that would be said unasked]}

    A question with a group searches that group alone. Without an audience a line is for everybody, else for questions of which one of the
    readers is in it. What was said on one date in one group is one conversation; a text that does not name its speaker is read as
    "SPEAKER said: TEXT". Progress goes to standard error. Reads EMBEDDINGS and what belongs to it.
    """
    from bot.ranking_files import rank_files

    sys.exit(asyncio.run(rank_files(corpus, questions, _settings())))


@main.command()
@click.argument("talk", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--store", default="", metavar="NAME", help="Only this store's kinds, instead of those in LEARNING_STORES.")
@click.option(
    "--place", type=click.Choice(["public", "private", "dm"]), default="public", show_default=True, help="The place it was said in."
)
@click.option("--channel", default="", metavar="NAME", help="The name of that channel.")
@click.option(
    "--known", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE", help="Insights that are known already."
)
def learn(talk: Path, store: str, place: PlaceName, channel: str, known: Path | None) -> None:
    """Show what would be learned from a conversation. Nothing is kept.

    FILE holds a JSON object a line; the speaker "tacit" is Tacit, "ts" a Slack time, seconds since 1970, or a date and time. The output has
    the same form as the known insights, of which only kind and sentence must be there.

    \b
      FILE      {"speaker", "text", "ts"}
      output    {"store", "kind", "sentence", "cues", "things", "fields", "evidence": [ts], "from": [speakers],
                 "audience": "workspace", "place:private" or "teammate:NAME", "about": whose alone it is, or null,
                 "known": it adds evidence to something known, "replaces": [sentences]}

    Learns as the worker does: secrets are taken out, a long conversation is read in parts, drafts are settled with what is known. Needs
    OPENAI_API_KEY or OPENAI_BASE_URL; each part takes one or two calls of the model. What they cost, and which drafts were dropped and
    why, goes to standard error. Exit status 1 when a line is wrong or the model failed.
    """
    from bot.learn_file import learn_file
    from bot.logs import set_up_logs

    settings = _settings()
    set_up_logs(settings.log_level)
    sys.exit(asyncio.run(learn_file(talk, settings, store=store, place=place, channel=channel, known=known)))


@main.command()
@click.option("--workspace", required=True, metavar="T...", help="The workspace's id.")
@click.option("--as", "asker", required=True, metavar="U...", help="Who asks, by id.")
@click.option("--in", "place", required=True, metavar="C...|D...", help="Where, by the id of a channel or DM.")
@click.argument("question")
def recall(workspace: str, asker: str, place: str, question: str) -> None:
    """Show what would come to mind for QUESTION, and why.

    Prints each insight that was considered, with its scores and why it was shown or left out; the ids of those withheld from the readers of
    a reply in that place; and the context that the model would read. Needs the bot's settings: who may see what is asked of Slack. Posts
    and learns nothing, and asks no model but the one that expands questions.
    """
    settings = _settings(slack=True)
    from bot.recall import NoRecall
    from bot.recall import recall as tried

    _tell(tried(settings, workspace, asker, place, question), NoRecall)


@main.command()
@click.option("--workspace", default="", metavar="T...", help="The workspace's id, instead of the one that Tacit is installed in.")
@click.option("--apply", is_flag=True, help="Archive it. Nothing is deleted.")
@click.option("--archived", is_flag=True, help="List what is archived instead.")
@click.option("--restore", default="", metavar="ID", help="Put this archived insight in force again instead.")
def curate(workspace: str, apply: bool, archived: bool, restore: str) -> None:
    """Show which insights are not worth keeping in force any more, and why.

    What one teammate said, what was never cited, and what is older than its kind lasts is archived: it comes to nobody's mind any more, and
    is in force again once somebody says it again. The worker does it once a day. Sentences that not everybody in the workspace may see are
    left out. Needs the bot's settings: who may see what is asked of Slack.
    """
    settings = _settings(slack=True)
    from bot.curating import NotCurated
    from bot.curating import curate as look_after

    _tell(look_after(settings, workspace, apply=apply, archived=archived, restore=restore), NotCurated)


def _tell(lines: Coroutine[None, None, list[str]], refused: type[Exception]) -> None:
    """Print the lines; when they cannot be had, why, and the end."""
    from bot.slack.calls import SlackFailed
    from bot.slack.installations import NotInstalled
    from stores.documents import Unavailable

    try:
        for line in asyncio.run(lines):
            click.echo(line)
    except (refused, NotInstalled, SlackFailed, Unavailable) as e:
        click.echo(e, err=True)
        sys.exit(1)


def _settings(*, slack: bool = False) -> Settings:
    """The settings; when they are wrong, a plain line for each, and the end."""
    from bot.settings import WrongSettings, load_settings, require_slack

    try:
        settings = load_settings()
        if slack:
            require_slack(settings)
        return settings
    except WrongSettings as wrong:
        click.echo(wrong, err=True)
        sys.exit(WRONG_SETTINGS)


if __name__ == "__main__":
    main()
