from pathlib import Path

import pytest

from mdlc.errors import InputError
from mdlc.systems import FRAUD, System
from mdlc.systems.records import first_record


def test_a_record_joins_the_tables_without_key_and_label(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("policy_id,incident_type,vehicle_claim,fraud\n7,Theft,12.5,1\n8,Theft,3,0\n")
    (tmp_path / "customers.csv").write_text("policy_id,customer_age,policy_liability\n8,50,15/30\n7,31,25/50\n")
    assert first_record(FRAUD, tmp_path) == {
        "incident_type": "Theft",
        "vehicle_claim": 12.5,
        "customer_age": 31,
        "policy_liability": "25/50",
    }


def test_a_header_in_capitals_is_the_same_header(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("POLICY_ID, Vehicle Claim ,FRAUD\n7,12.5,1\n")
    (tmp_path / "customers.csv").write_text("Policy_Id,Customer_Age\n7,31\n")
    assert first_record(FRAUD, tmp_path) == {"vehicle_claim": 12.5, "customer_age": 31}


def test_neither_label_nor_key_nor_what_is_ignored_is_asked_however_it_is_spelled(tmp_path: Path) -> None:
    (tmp_path / "homes.csv").write_text("Ref No,price_EUR,Größe (qm),Notes\n1,250000,80,old\n", encoding="utf-8")
    homes = System(
        name="homes",
        title="Homes",
        files=("homes.csv",),
        label="price_EUR",
        record_tables=("homes.csv",),
        record_key="Ref No",
        ignored=frozenset({"Notes"}),
    )
    assert first_record(homes, tmp_path / "homes.csv") == {"größe_(qm)": 80}


def test_a_byte_order_mark_is_no_part_of_a_record(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("policy_id,vehicle_claim\n7,12.5\n", encoding="utf-8-sig")
    (tmp_path / "customers.csv").write_text("policy_id,customer_age\n7,31\n", encoding="utf-8-sig")
    assert first_record(FRAUD, tmp_path) == {"vehicle_claim": 12.5, "customer_age": 31}


def test_a_record_without_its_other_half_is_refused(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("policy_id,fraud\n7,1\n")
    (tmp_path / "customers.csv").write_text("policy_id,customer_age\n8,50\n")
    with pytest.raises(InputError, match=r"customers\.csv has no row with policy_id 7"):
        first_record(FRAUD, tmp_path)


def test_text_that_only_looks_like_a_number_stays_text(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("policy_id,a,b\n7,nan,inf\n")
    (tmp_path / "customers.csv").write_text("policy_id\n7\n")
    assert first_record(FRAUD, tmp_path) == {"a": "nan", "b": "inf"}
