"""One invented payload of every model: for forms to show, for documents to print, for tests to send.

All persons, firms, vessels, numbers and references here are invented. Telephone numbers are from ranges that
regulators keep for fiction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final

from cordiale.payloads import cooperation as co
from cordiale.payloads import crime, parts, records, searches, situation
from cordiale.payloads import words as w
from cordiale.payloads.items import marked
from cordiale.payloads.model import Attachment, FreeText, Payload
from cordiale.terms import Capacity, Category, Classification, GradeScheme, HandlingCode

NIGHT: Final = datetime(2026, 11, 21, 23, 40, tzinfo=UTC)
DAY: Final = date(2026, 11, 20)
_DIGEST: Final = "a" * 64
_MASKED: Final = Attachment(
    "masked page.png", _DIGEST, 120_000, (Category.SPECIMEN,), stated_by="examiner", stated_sha256=_DIGEST
)
_SEA: Final = parts.Position.at(50.95, 1.62, 400)
_PAPER: Final = parts.TravelPaper(kind=w.DocumentKind.PASSPORT, number="INV000001", issuer="IQ")
_CONFIDENCE: Final = parts.Confidence(source="B", information=2, validation=w.Validation.PARTIAL)
_IMPACT: Final = parts.ImpactLevel(level=w.Impact.MEDIUM, migration=2, crime=1, lives=3)
_GRADE: Final = parts.Grading(scheme=GradeScheme.EU_4X4, source="B", information="2")
_UK_GRADE: Final = parts.Grading(scheme=GradeScheme.UK_3X5X2, source="1", information="B")
_OFFICER: Final = parts.StaffMember(subject="s1", name="A. Invented", unit="Document unit", nationality="FR")
_SUSPECT: Final = parts.Suspect(
    subject="s1",
    family_name="Erfunden",
    given_names="Nemo",
    aliases=("The Invented",),
    date_of_birth="1990-05-17",
    nationalities=("IQ",),
    phones=("+44 7700 900123",),
    suspected_of=("facilitating unlawful passage by small boat",),
)
_NARRATIVE: Final = marked(
    FreeText.of("Boats were inflated behind the dunes. The rest is told by nobody yet."),
    "Boats were inflated behind the dunes.",
    (Category.METHOD,),
    marked_by="analyst",
)
_CASE: Final = "INV-2026-0001"
_MARKING: Final = Classification.OFFICIAL_SENSITIVE


def _situation() -> tuple[Payload, ...]:
    return (
        situation.SituationalItem(
            report_id="rep-1",
            layer=w.Layer.EVENTS,
            kind=w.EventKind.CROSSING,
            detected_at=NIGHT,
            aware_at=NIGHT,
            triggers=(w.Trigger.LISTED,),
            stage=w.Stage.ATTEMPT,
            response_taken="Patrol sent; rescue centre told.",
            confidence=_CONFIDENCE,
            impact=_IMPACT,
            lives_at_risk=True,
            border_section="FR-S-01",
            position=_SEA,
            transport=w.Transport.VESSEL,
            persons=situation.PersonCounts(total=38, minors=12),
            vessel=parts.Vessel(kind=w.VesselType.SMALL_INFLATABLE, mmsi="000000001"),
            classification=Classification.LIMITE,
        ),
        situation.RiskProduct(
            title="Small boats, third quarter",
            period_from=date(2026, 7, 1),
            period_until=date(2026, 9, 30),
            area="Channel",
            findings=("Launches moved south along the coast.",),
            figures=(situation.Figure(series="detections", period="2026-09", value=4120),),
        ),
        situation.LaunchAlert(
            alert_id="al-1",
            kind=w.AlertKind.TAXI_BOAT,
            seen_at=NIGHT,
            position=_SEA,
            place="between two beaches",
            boats=1,
            persons=40,
            heading_for="north-west",
        ),
        situation.SurveillanceTrack(
            track_id="tr-1",
            asset="aircraft of the coordination centre",
            sensor=w.Sensor.INFRARED,
            movements=(situation.Movement(measured_at=NIGHT, position=_SEA, heading_deg=300, speed_kn=6),),
            persons_estimate=40,
            images=(Attachment("frame 1.png", _DIGEST, 90_000, (Category.ASSET,), (), "operator", _DIGEST),),
        ),
    )


def _distress() -> tuple[Payload, ...]:
    return (
        situation.DistressIncident(
            incident_id="inc-1",
            first_known_at=NIGHT,
            position=_SEA,
            position_at=NIGHT,
            boats=1,
            persons=40,
            children=6,
            state=w.BoatState.TAKING_WATER,
            callers=(
                situation.Caller(
                    subject="s1", contact="+33 1 99 00 00 01", language_spoken="Kurdish (Sorani)"
                ),
            ),
            health_needs=(situation.HealthNeed(subject="s2", need="one person unconscious"),),
            telephone_to_ring="+44 20 7946 0001",
            centre="rescue centre (invented)",
            source_calls=(
                situation.SourceCall(
                    reference="call-1", received_at=NIGHT, centre="rescue centre (invented)"
                ),
            ),
        ),
    )


def _documents_and_practice() -> tuple[Payload, ...]:
    return (
        co.DocumentAlert(
            alert_id="doc-1",
            kind=w.DocumentKind.RESIDENCE_PERMIT,
            issuer="IT",
            series="2019",
            fraud=w.DocumentFraud.COUNTERFEIT,
            forgery_methods=("ink-jet background where offset is expected",),
            security_features=("ghost image missing",),
            detected_on=DAY,
            detected_at="a port",
            images=(_MASKED,),
        ),
        co.PracticeNote(
            title="Speaking with people just rescued",
            area="debriefing",
            lines=("Voluntary, anonymous, with an interpreter.",),
            courses=("three days, twelve places",),
            contact=_OFFICER,
        ),
        co.Deployment(
            reference="dep-1",
            officer=_OFFICER,
            capacity=Capacity.OBSERVER,
            host="home-office",
            site="Dover",
            tasks=("observe first-line checks",),
            from_day=date(2026, 12, 1),
            until_day=date(2026, 12, 21),
            host_request="req-1",
            operational_plan="plan-1",
        ),
        co.ResearchResult(
            project="Drift of low-freeboard craft",
            results=("Model error at six hours falls by a fifth.",),
            test_data="synthetic",
            ethics_review="eth-1",
        ),
        co.CrossingIdentifiers(
            reference="ids-1",
            collected_on=DAY,
            route="inland depot to coast",
            identifiers=(co.CrossingIdentifier(subject="s1", plate="ZZ-000-ZZ", phone="+44 7700 900124"),),
        ),
        co.SupportRecord(
            reference="sup-1",
            programme="border posts",
            kind="equipment",
            what="two document readers",
            amount=48_000,
            currency="EUR",
            receiver="border police",
        ),
    )


def _rights_and_goods() -> tuple[Payload, ...]:
    return (
        co.RightsReport(
            reference="rr-1",
            kind=w.ComplaintKind.COMPLAINT,
            received_at=NIGHT,
            complainant=co.Complainant(
                subject="s1", name="Invented Complainant", language="Tigrinya", consents_to_identity=False
            ),
            incident=co.Incident(what="I was not given water for a day.", place="a pier", about=("s1",)),
        ),
        co.Consignment(
            reference="con-1",
            goods=w.GoodsClass.OUTBOARD_ENGINE,
            description="outboard engines, 40 hp, without brand",
            quantity=24,
            hs_code="840721",
            container="INVU0000001",
            from_country="TR",
            to_country="DE",
            traders=(parts.Firm(subject="s1", name="Invented Marine Ltd", suspicion="third consignment"),),
            why="twenty-four unbranded engines to a depot without a shop",
        ),
        co.CustomsInformation(
            case_reference=_CASE,
            functions_served="disruption of boat supply",
            goods=("inflatable boats, 9 m",),
            declarations=("declared as leisure goods",),
            traders=(parts.Firm(subject="s1", name="Invented Marine Ltd"),),
        ),
        co.DeviceExtract(
            case_reference=_CASE,
            authorisation="auth-1",
            offence="assisting unlawful immigration",
            taken_at=NIGHT,
            user=co.DeviceUser(subject="s1", phones=("+44 7700 900125",)),
            extracts=(co.Extract(kind="message", text="Meet at the usual place (invented).", about=("s1",)),),
        ),
        co.QualityNotice(
            reference="qn-1",
            action=w.QualityAction.RECALL,
            messages=("msg-1",),
            reason=w.QualityReason.INACCURATE,
            decided_at=NIGHT,
        ),
    )


def _crime() -> tuple[Payload, ...]:
    return (
        crime.IntelligenceReport(
            case_reference=_CASE,
            handling=HandlingCode.H1,
            classification=_MARKING,
            grade=_UK_GRADE,
            title="Inflation behind the dunes",
            offence="facilitation of unlawful passage",
            episodes=(
                parts.Episode(what="a van unloaded a boat", at=NIGHT, place="car park", position=_SEA),
            ),
            methods=("boats inflated behind the dunes, carried to the water",),
            prices=("EUR 1,500 a place",),
            suspects=(_SUSPECT,),
            victims=(parts.Victim(subject="s2", given_names="Invented", vulnerability="child alone"),),
            vehicles=(parts.Vehicle(plate="ZZ-000-ZZ", country="FR", about=("s1",)),),
            assessments=(parts.Assessment(text="he leads the group on the beach", about=("s1",)),),
            narrative=_NARRATIVE,
        ),
        crime.IntelligenceRequest(
            case_reference=_CASE,
            handling=HandlingCode.H1,
            classification=_MARKING,
            grade=_GRADE,
            title="Owner of a van",
            offence="facilitation of unlawful passage",
            asked=("who has hired this van in November",),
            why_needed="it brought boats to a launch",
            why_available="the hire firm is in your country",
            vehicles=(parts.Vehicle(plate="ZZ-000-ZZ", country="FR"),),
        ),
        crime.EuropolIntelligence(
            case_reference=_CASE,
            handling=HandlingCode.H1,
            classification=_MARKING,
            grade=_GRADE,
            title="Engines for three depots",
            purposes=(w.EuropolPurpose.CROSS_CHECK,),
            crime_areas=(w.CrimeArea.SMUGGLING_OF_PERSONS,),
            suspects=(_SUSPECT,),
        ),
        crime.JointItem(
            case_reference=_CASE,
            handling=HandlingCode.H1,
            classification=_MARKING,
            grade=_GRADE,
            title="Launch expected before dawn",
            national_owner="oltim",
            site="Lille",
            hand_over=w.HandOver.JUDICIAL_INQUIRY,
            judicial_reference="INV-J-1",
            suspects=(_SUSPECT,),
            methods=("drivers wait inland until told",),
        ),
        crime.NetworkProfile(
            case_reference=_CASE,
            handling=HandlingCode.H1,
            classification=_MARKING,
            grade=_GRADE,
            title="An invented network",
            network="Dune group (invented)",
            members_estimate=14,
            suspects=(_SUSPECT,),
            money=(crime.MoneyTrail(method="hawala", amount=9000, currency="EUR", about=("s1",)),),
        ),
    )


def _leads() -> tuple[Payload, ...]:
    return (
        crime.AdvertReport(
            case_reference=_CASE,
            platform="an invented platform",
            account="@invented_boats",
            address="invented-platform.example/p/1",
            captured_at=NIGHT,
            offence="advertising unlawful passage",
            asked="remove and preserve",
            price="EUR 1,500",
        ),
        crime.FinanceLead(
            case_reference=_CASE,
            handling=HandlingCode.H1,
            classification=_MARKING,
            grade=_GRADE,
            title="Deposits before launches",
            offence="money laundering",
            methods=("cash in small sums to one shop",),
            money=(
                crime.MoneyTrail(account="GB00 INVE 0000 0000", amount=900, currency="GBP", about=("s1",)),
            ),
            suspects=(_SUSPECT,),
        ),
        crime.RouteIntelligence(
            case_reference=_CASE,
            handling=HandlingCode.H1,
            classification=_MARKING,
            grade=_GRADE,
            title="Balkans to the coast",
            as_of=NIGHT,
            stages=("border by lorry", "city by train", "coast by car"),
            prices=("EUR 4,000 for the whole way",),
            transports=(w.Transport.LORRY, w.Transport.TRAIN),
            persons_per_week=120,
        ),
        crime.PersonIntelligence(
            case_reference=_CASE,
            handling=HandlingCode.H1,
            classification=_MARKING,
            grade=_GRADE,
            title="A driver",
            offence="facilitation of unlawful passage",
            transfer_record="tr-rec-1",
            person=_SUSPECT,
            facts=(crime.PersonFact(text="drove the van on two launch nights", at=NIGHT, about=("s1",)),),
        ),
    )


def _searches() -> tuple[Payload, ...]:
    loci = (
        searches.Locus(locus="D3S1358", low="15", high="17"),
        searches.Locus(locus="TH01", low="6", high="9.3"),
    )
    template = "SU5WRU5URUQ="
    return (
        searches.DnaQuery(
            from_state="UK",
            to_state="FR",
            reference="q-1",
            sent_at=NIGHT,
            profiles=(
                searches.DnaProfile(
                    subject="s1", profile="UK-P-1", kind=w.ProfileKind.UNIDENTIFIED, loci=loci
                ),
            ),
        ),
        searches.DnaReply(
            from_state="FR",
            to_state="UK",
            reference="r-1",
            sent_at=NIGHT,
            query_reference="q-1",
            query_sent_at=NIGHT,
            hit=True,
            matches=(
                searches.DnaMatch(
                    subject="s1",
                    ours="FR-P-9",
                    theirs="UK-P-1",
                    kind=w.ProfileKind.REFERENCE,
                    quality=w.MatchQuality.FULL,
                    alleles_matched=4,
                ),
            ),
        ),
        searches.FingerprintQuery(
            from_state="UK",
            to_state="FR",
            reference="q-2",
            sent_at=NIGHT,
            transaction=w.PrintSearch.LATENT_TO_PRINT,
            prints=(
                searches.Print(
                    subject="s1", number="UK-F-1", kind=w.ProfileKind.UNIDENTIFIED, template=template
                ),
            ),
        ),
        searches.FingerprintReply(
            from_state="FR",
            to_state="UK",
            reference="r-2",
            sent_at=NIGHT,
            query_reference="q-2",
            query_sent_at=NIGHT,
            hit=True,
            candidates=(searches.Candidate(subject="s1", ours="FR-F-3", theirs="UK-F-1", rank=1),),
        ),
    )


def _more_searches() -> tuple[Payload, ...]:
    template = "SU5WRU5URUQ="
    return (
        searches.VehicleQuery(
            from_state="UK",
            to_state="FR",
            reference="q-3",
            sent_at=NIGHT,
            registered_in="FR",
            plate="ZZ-000-ZZ",
        ),
        searches.VehicleReply(
            from_state="FR",
            to_state="UK",
            reference="r-3",
            sent_at=NIGHT,
            query_reference="q-3",
            query_sent_at=NIGHT,
            hit=True,
            make="Invented",
            category="N1",
            status=w.VehicleStatus.REGISTERED,
        ),
        searches.FaceQuery(
            from_state="UK",
            to_state="FR",
            reference="q-4",
            sent_at=NIGHT,
            probe=searches.FaceProbe(subject="s1", number="UK-V-1", image=template),
        ),
        searches.FaceReply(
            from_state="FR",
            to_state="UK",
            reference="r-4",
            sent_at=NIGHT,
            query_reference="q-4",
            query_sent_at=NIGHT,
            hit=False,
        ),
    )


def _core_data() -> tuple[Payload, ...]:
    return (
        searches.CoreDataRequest(
            reference="cd-1",
            match="FR-P-9",
            confirmed_at=NIGHT,
            facts="blood on the handle of an engine left on the beach",
            offence="endangering life at sea",
            case_reference=_CASE,
        ),
        searches.CoreData(
            reference="cd-2",
            request_reference="cd-1",
            person=searches.CorePerson(
                subject="s1",
                given_names="Nemo",
                family_name="Erfunden",
                date_of_birth="1990-05-17",
                nationalities=("IQ",),
                gender=w.Sex.MALE,
                biometric_taken_on=DAY,
                biometric_taken_at="Lille",
                offence="endangering life at sea",
            ),
            case_number="FR-INV-1",
            authority="police-judiciaire",
        ),
        searches.CoreTrace(
            reference="cd-3",
            request_reference="cd-1",
            taken_on=DAY,
            taken_at="a beach",
            offence="endangering life at sea",
            case_number="FR-INV-2",
            authority="police-judiciaire",
        ),
    )


def _records() -> tuple[Payload, ...]:
    conviction = records.Conviction(
        convicted_on=DAY,
        court="an invented court",
        offence="facilitation of unlawful passage",
        offence_from=date(2026, 3, 1),
        sentence="four years' imprisonment",
        spent=False,
    )
    return (
        records.PassengerRecords(
            reference="pnr-1",
            locator="INV123",
            flight_number="ZZ 0001",
            departs_at=NIGHT,
            departure="BEG",
            destination="LTN",
            eu_origin=False,
            passengers=(
                records.Passenger(
                    subject="s1", family_name="Erfunden", given_names="Nemo", rule_hit="rule-7"
                ),
            ),
        ),
        records.PassengerRequest(
            reference="pnr-2",
            case_reference=_CASE,
            offence="facilitation, organised (more than three years)",
            reason="he flew in the week of the launches",
            flight_number="ZZ 0001",
        ),
        records.ConvictionNotice(
            reference="cv-1",
            recorded_at=NIGHT,
            person=records.Convict(
                subject="s1",
                family_name="Erfunden",
                given_names="Nemo",
                gender=w.Sex.MALE,
                date_of_birth="1990-05-17",
                place_of_birth="Invented Town",
                nationalities=("FR",),
                convictions=(conviction,),
            ),
        ),
        records.ConvictionRequest(
            reference="cv-2",
            purpose=w.RecordPurpose.CRIMINAL_PROCEEDINGS,
            offence="facilitation of unlawful passage",
            case_reference=_CASE,
            person=records.SoughtPerson(
                subject="s1", family_name="Erfunden", given_names="Nemo", date_of_birth="1990-05-17"
            ),
        ),
        records.ConvictionReply(
            reference="cv-3",
            request_reference="cv-2",
            purpose=w.RecordPurpose.CRIMINAL_PROCEEDINGS,
            answer=w.RecordAnswer.CONVICTIONS,
            record=records.RecordHolder(subject="s1", convictions=(conviction,)),
        ),
    )


def _returns() -> tuple[Payload, ...]:
    returnee = records.Returnee(
        subject="s1",
        family_name="Erfunden",
        given_names="Nemo",
        date_of_birth="1990-05-17",
        nationalities=("IQ",),
        documents=(_PAPER,),
    )
    return (
        records.ReturnsInformation(
            title="How laissez-passer are issued",
            country="IQ",
            procedures=("interview by video, answer in ten days",),
            figures=(situation.Figure(series="returns", period="2026-10", value=64),),
        ),
        records.ReadmissionRequest(
            reference="ra-1",
            requested_at=NIGHT,
            person=records.ReadmissionPerson(
                subject="s1",
                family_name="Erfunden",
                given_names="Nemo",
                arrived_at="2026-11-15",
                adult_or_accompanied=True,
            ),
            caseworker="cw-17",
        ),
        records.ReadmissionReply(
            request_reference="ra-1", answer=w.ReadmissionAnswer.MORE_TIME, answered_on=DAY
        ),
        records.OwnNationalReturn(reference="on-1", person=returnee, asked="both"),
        records.OwnNationalReply(request_reference="on-1", about="s1", confirmed=True, answered_on=DAY),
        records.IdentityEvidence(
            reference="ie-1",
            person=returnee,
            evidence=(records.EvidenceOfIdentity(kind="expired passport", shows="name and photograph"),),
        ),
    )


def _all() -> dict[tuple[str, str], Payload]:
    groups = (
        _situation(),
        _distress(),
        _documents_and_practice(),
        _rights_and_goods(),
        _crime(),
        _leads(),
        _searches(),
        _more_searches(),
        _core_data(),
        _records(),
        _returns(),
    )
    return {(p.TYPE, p.MODEL): p for group in groups for p in group}


SPECIMENS: Final[Mapping[tuple[str, str], Payload]] = MappingProxyType(_all())
"""(type, model) -> an invented payload. Total: a test compares it with the registry."""
