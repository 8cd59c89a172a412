"""``hil device certificates``: what it writes works in both directions, and nothing is lost by writing it again."""

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from emulators.modbus.tls import TlsSettings, client_role, server_context
from hil.cli.main import main


def role_in(file: Path) -> str | None:
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    return client_role(certificate.public_bytes(Encoding.DER))


def test_each_role_has_a_certificate_and_only_its_owner_reads_the_key(tmp_path, capsys):
    folder = tmp_path / "certificates"

    assert main(["device", "certificates", str(folder), "--role", "Operator", "--role", "line lead"]) == 0

    assert sorted(file.name for file in folder.glob("*.pem")) == [
        "Operator.pem",
        "authority.pem",
        "line_lead.pem",
        "server.pem",
    ]
    assert (role_in(folder / "line_lead.pem"), role_in(folder / "server.pem")) == ("line lead", None)
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.glob("*.key")} == {0o600}
    assert "--role Operator=all --role 'line lead=read'" in capsys.readouterr().out


def test_the_files_are_a_server_s_and_a_client_s(tmp_path):
    main(["device", "certificates", str(tmp_path), "--name", "plc7"])

    names = x509.load_pem_x509_certificate((tmp_path / "server.pem").read_bytes()).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )

    assert server_context(TlsSettings(tmp_path / "server.pem", tmp_path / "server.key", tmp_path / "authority.pem"))
    assert names.value.get_values_for_type(x509.DNSName) == ["localhost", "plc7"]


def test_files_that_are_there_stay_unless_they_may_be_replaced(tmp_path, capsys):
    main(["device", "certificates", str(tmp_path)])
    before = (tmp_path / "server.pem").read_bytes()

    assert main(["device", "certificates", str(tmp_path)]) == 2
    assert (tmp_path / "server.pem").read_bytes() == before
    assert "is there already; --overwrite replaces it" in capsys.readouterr().err
    assert main(["device", "certificates", str(tmp_path), "--overwrite"]) == 0
    assert (tmp_path / "server.pem").read_bytes() != before


@pytest.mark.parametrize("role", ["server", "authority", " ", "x" * 128])
def test_a_role_that_cannot_be_is_wrong_usage(tmp_path, role):
    assert main(["device", "certificates", str(tmp_path / "new"), "--role", role]) == 2
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("permission", ["operator", "operator=write", "operator=0", "operator=3,,4", "operator=128"])
def test_a_permission_that_permits_nothing_is_wrong_usage(permission, capsys):
    assert main(["device", "run", "ups", "--protocol", "tls", "--role", permission]) == 2
    assert "write operator=all, viewer=read or meter=3,4" in capsys.readouterr().err
