"""`python -m scripts.dev`: what `./scripts/up` runs once the environment is made."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
from dotenv import dotenv_values

from scripts.dev.console import Console, open_standard_streams
from scripts.dev.demo import Demo, reason_of
from scripts.dev.interrupts import Interrupts
from scripts.dev.plan import Order, Plan, make_plan
from scripts.dev.refusals import Ended
from scripts.dev.supervisor import Commands, Supervisor
from scripts.dev.tunnel import find_tunnel

ROOT = Path(__file__).resolve().parents[2]

HELP = """Brings up Darkroom in this terminal: Postgres, migrations, the Skytells emulator, web and worker.
Prints one line on stdout that begins "ready http://…"; all else is on stderr. Ctrl-C stops all of it."""
EXAMPLES = """examples:
  ./scripts/up                                         the house, with pictures that cost nothing
  ./scripts/up --demo "a red fox"                      one prediction as JSON on stdout, then down again
  SKYTELLS_API_KEY=sk-… ./scripts/up --live --tunnel   buys from Skytells, webhooks come through the tunnel
  PORT=8010 EMULATOR_PORT=8011 DARKROOM_DATA=data2 ./scripts/up    a second copy beside the first

settings come from the environment and .env; .env.example lists them all. Those that matter here:
  PORT (8000), EMULATOR_PORT (8001)   where web and emulator listen
  DARKROOM_DATA (./data)              database and pictures; relative to the root of the clone
  DATABASE_URL                        a Postgres of your own instead of the embedded one
  SKYTELLS_BASE_URL                   buys there instead of from the emulator, like --live
  SKYTELLS_API_KEY                    your key, for --live; or REPLICATE_API_TOKEN, STABILITY_API_KEY, FAL_KEY
  NGROK_API_URL                       where a running ngrok is asked for its tunnels

exit codes: 0 stopped as asked, or the demo succeeded; 1 gave up, or the demo failed; 2 refused to start;
130 and the like: interrupted before it was ready, or in a demo"""

TO_TRY = """try: curl {url}/api/predictions -H 'content-type: application/json' -H 'prefer: wait' \\
       -d '{{"model": "truefusion-pro", "input": {{"prompt": "a red fox"}}}}'"""


def installed_commands() -> Commands:
    darkroom = str(Path(sys.executable).with_name("darkroom"))
    return Commands(
        migrate=(darkroom, "migrate"),
        emulator=(sys.executable, "-m", "scripts.emulator"),
        web=(darkroom, "web"),
        worker=(darkroom, "worker"),
    )


def main(
    arguments: Sequence[str] | None = None,
    *,
    commands: Commands | None = None,
    settings: Mapping[str, str] | None = None,
    root: Path = ROOT,
) -> int:
    """The exit code. Changes to `root`, since `.env` and the emulator's package are found from there."""
    open_standard_streams()
    order = read_order(arguments)
    os.chdir(root)
    console = Console()
    try:
        return asyncio.run(_run(order, commands or installed_commands(), settings or read_settings(root), console))
    except Ended as ended:
        console.say(str(ended))
        return ended.exit_code
    finally:
        console.close()


def read_order(arguments: Sequence[str] | None) -> Order:
    parser = argparse.ArgumentParser(
        prog="./scripts/up",
        description=HELP,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--demo", metavar="PROMPT", help="make one prediction, print its JSON on stdout, and stop")
    parser.add_argument(
        "--demo-seconds", metavar="N", type=float, default=120, help="how long --demo waits for it (120)"
    )
    parser.add_argument("--live", action="store_true", help="buy for real, from the providers whose keys are set")
    parser.add_argument("--tunnel", action="store_true", help="be reachable from outside, by ngrok or cloudflared")
    given = parser.parse_args(arguments)
    return Order(demo=given.demo, demo_seconds=given.demo_seconds, is_live=given.live, wants_tunnel=given.tunnel)


def read_settings(root: Path) -> dict[str, str]:
    """As the app reads them: the environment over `.env`, names in any case, an empty value is none."""
    both = (*dotenv_values(root / ".env").items(), *os.environ.items())
    return {name.upper(): value for name, value in both if value}


def inherited_environment(settings: Mapping[str, str], console: Console) -> dict[str, str]:
    """Ours; and since children see a pipe where we see a terminal, they are told that people read them."""
    for_people = {"LOG_FORMAT": "console", "FORCE_COLOR": "1"} if console.is_coloured else {}
    return {name: value for name, value in for_people.items() if name not in settings} | dict(os.environ)


async def _run(order: Order, commands: Commands, settings: Mapping[str, str], console: Console) -> int:
    with Interrupts(asyncio.current_task()) as interrupts:
        try:
            return await _live(order, commands, settings, console, interrupts)
        except asyncio.CancelledError:
            return interrupts.exit_code


async def _live(
    order: Order, commands: Commands, settings: Mapping[str, str], console: Console, interrupts: Interrupts
) -> int:
    plan = make_plan(order, settings, Path.cwd())
    tunnel = await find_tunnel(settings, plan.port) if order.wants_tunnel else None
    supervisor = Supervisor(plan, commands, console, inherited_environment(settings, console), tunnel)
    interrupts.on_impatience = supervisor.kill
    console.say(f"buys from {plan.seller}")
    if tunnel is None and not plan.can_be_called_back:
        console.say("nobody can call back here, so results are asked for; --tunnel would let webhooks come")
    visit = _Visit(order, plan, console, interrupts)
    return await supervisor.run(visit.demo if order.demo is not None else visit.stay)


class _Visit:
    """What happens while the house is up."""

    def __init__(self, order: Order, plan: Plan, console: Console, interrupts: Interrupts) -> None:
        self._order = order
        self._plan = plan
        self._console = console
        self._interrupts = interrupts

    async def stay(self) -> int:
        url = self._plan.local_url
        self._interrupts.is_welcome = True
        self._console.answer(f"ready {url} (the studio; API reference {url}/docs, Ctrl-C stops it)")
        self._console.say(TO_TRY.format(url=url))
        await asyncio.Event().wait()
        return 0

    async def demo(self) -> int:
        plan, order = self._plan, self._order
        self._console.say(f"ready {plan.local_url}")
        headers = {"authorization": f"Bearer {plan.key}"} if plan.key else {}
        async with httpx.AsyncClient(base_url=plan.local_url, headers=headers, trust_env=False) as client:
            prediction = await Demo(client, self._console.say, order.demo_seconds).run(order.demo or "")
        self._console.answer(json.dumps(prediction, indent=2, ensure_ascii=False))
        reason = reason_of(prediction)
        if reason:
            self._console.say(reason)
        return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
