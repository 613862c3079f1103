"""compose.yaml: read by Docker Compose where it is there, and held to what it promises. Nothing here starts it."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from app.refusals import load_settings
from app.settings import Settings
from scripts.deploy.nginx.render import TEMPLATE, values
from tests.emulator.process import ROOT

FILE = ROOT / "scripts/deploy/compose.yaml"
COMPOSED = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSED["services"]
OF_THE_APP = ["migrate", "web-a", "web-b", "worker"]
each_service = pytest.mark.parametrize("name", SERVICES)


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="no docker-compose")
def test_docker_compose_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "scripts/deploy"
    folder.mkdir(parents=True)
    shutil.copy(FILE, folder)
    (tmp_path / ".env").write_text("DARKROOM_HOST=darkroom.example.com\nPOSTGRES_PASSWORD=secret\n")
    command = ["docker-compose", "--project-name", "darkroom", "--env-file", str(tmp_path / ".env")]
    read = subprocess.run(
        [*command, "--file", str(folder / "compose.yaml"), "config"], capture_output=True, text=True, check=False
    )
    assert read.returncode == 0, read.stderr
    assert set(yaml.safe_load(read.stdout)["services"]) == set(SERVICES)


def test_the_whole_house_is_there() -> None:
    assert set(SERVICES) == {"postgres", *OF_THE_APP, "nginx", "certbot"}


@each_service
def test_every_service_is_restarted_bounded_and_its_logs_rotated(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("on-failure" if name == "migrate" else "unless-stopped")
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["pids_limit"] <= 300
    assert service["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}


@each_service
def test_every_service_may_as_little_as_possible(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


@each_service
def test_every_service_is_watched_or_has_nothing_to_watch(name: str) -> None:
    unwatched = {"migrate", "worker", "certbot"}
    assert SERVICES[name]["healthcheck"].get("disable", False) is (name in unwatched)


@pytest.mark.parametrize("name", OF_THE_APP)
def test_the_app_is_nobody_and_writes_only_where_it_must(name: str) -> None:
    service = SERVICES[name]
    assert (service["user"], service["read_only"]) == ("10001:10001", True)
    assert service["volumes"] == ["files:/var/lib/darkroom"]
    assert service["command"] == ["darkroom", name.partition("-")[0]]
    assert (FILE.parent / service["build"]["context"] / service["build"]["dockerfile"]).exists()


@pytest.mark.parametrize("name", ["web-a", "web-b", "worker"])
def test_nothing_starts_before_the_database_is_migrated(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }


def test_nginx_alone_can_be_reached_and_the_database_by_no_stranger() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "nginx": ["80:80", "443:443"]
    }
    assert SERVICES["postgres"]["networks"] == ["inside"]
    assert COMPOSED["networks"]["inside"] == {"internal": True}


def test_what_must_last_lies_in_volumes() -> None:
    assert set(COMPOSED["volumes"]) == {"database", "files", "certificates", "acme"}
    assert "database:/var/lib/postgresql/data" in SERVICES["postgres"]["volumes"]


def test_the_template_of_nginx_gets_every_word_and_its_files_exist() -> None:
    given = SERVICES["nginx"]["environment"]
    assert set(given) == set(values("any", []))
    mounted = [volume.split(":")[0] for volume in SERVICES["nginx"]["volumes"] if volume.startswith("./")]
    assert [(FILE.parent / path).exists() for path in mounted] == [True, True]
    assert FILE.parent / mounted[0] == TEMPLATE


def test_nginx_asks_the_web_processes_and_is_the_only_proxy_they_believe() -> None:
    nginx, app = SERVICES["nginx"], SERVICES["web-a"]["environment"]
    addresses = [SERVICES[name]["networks"]["outside"]["ipv4_address"] for name in ("web-a", "web-b")]
    servers = [f"server {address}:{app['PORT']} max_fails=0;" for address in addresses]
    assert nginx["environment"]["DARKROOM_WEB"] == " ".join(servers)
    assert app["TRUSTED_PROXIES"] == nginx["networks"]["outside"]["ipv4_address"] + "/32"
    assert f"location {app['ACCEL_REDIRECT_PREFIX']}/ {{" in TEMPLATE.read_text()
    assert nginx["environment"]["DARKROOM_BLOBS"] == app["DARKROOM_DATA"] + "/blobs"


def test_production_starts_with_its_settings() -> None:
    given = {name: _filled(value) for name, value in SERVICES["web-a"]["environment"].items()}
    url = given.pop("APP_URL")
    keys = {"skytells_api_key": "sk-real", "skytells_webhook_secret": "whsec-real"}
    settings = load_settings(
        _env_file=None, APP_URL=url, **keys, **{name.lower(): value for name, value in given.items()}
    )
    assert (settings.public_url, settings.store) == ("https://darkroom.example.com", "local")
    assert {name.lower() for name in given} <= set(Settings.model_fields)


def _filled(text: str) -> str:
    for word, value in (("DARKROOM_HOST", "darkroom.example.com"), ("POSTGRES_PASSWORD", "secret")):
        before, found, after = text.partition(f"${{{word}")
        text = before + value + after.partition("}")[2] if found else text
    return text
