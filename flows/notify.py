"""Who is told when a night fails, a feed is blocked or a rule drifts: a Prefect block and an automation for each."""

from __future__ import annotations

from prefect.automations import AutomationCore
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import get_client
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import EventTrigger, Posture

BLOCK = "essa-notify"
# Of what somebody started, not of the flows that run within and whose failure is also that one's.
STARTED = {"prefect.resource.role": "flow", "prefect.resource.name": ["nightly", "weekly", "backfill"]}
# What is waited for: its name, the events, whose they are, and what is said of one, filled in by Prefect.
WATCHED = (
    (
        "essa: a night failed",
        {"prefect.flow-run.Failed", "prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"},
        "prefect.flow-run.*",
        "{{ flow.name }} {{ flow_run.name }} ended as {{ flow_run.state.name }}",
        "{{ flow_run.state.message }}\nThe last publication stands. The run: {{ flow_run|ui_url }}",
    ),
    (
        "essa: a feed is blocked",
        {"essa.feed.blocked"},
        "essa.feed.*",
        "the feed {{ event.resource.name }} is blocked",
        "{{ event.payload.reason }}\nThe night went on without it.",
    ),
    (
        "essa: a rule drifted",
        {"essa.rule.drifted"},
        "essa.rule.*",
        "the rules after {{ event.resource.name }} no longer hold",
        "In {{ event.payload.process }} they now fit a share of {{ event.payload.realised_accuracy }}; see mart.rule.",
    ),
)


def tell(address: str) -> None:
    """Has the server post a subject and a body as JSON to a web address for each of these events.

    The address may hold a token: it is kept among the block's secrets, which Prefect encrypts.
    """
    said = {"subject": "{{subject}}", "text": "{{subject}}\n{{body}}", "body": "{{body}}"}
    block = CustomWebhookNotificationBlock(
        name=BLOCK, url="{{address}}", json_data=said, secrets={"address": address}, timeout=30
    )
    block_id = block.save(BLOCK, overwrite=True)
    with get_client(sync_client=True) as client:
        for name, events, resource, subject, body in WATCHED:
            for old in client.read_automations_by_name(name):
                client.delete_automation(old.id)
            client.create_automation(
                AutomationCore(
                    name=name,
                    trigger=EventTrigger(
                        expect=events,
                        match={"prefect.resource.id": resource},
                        match_related=STARTED if resource.startswith("prefect.") else {},
                        posture=Posture.Reactive,
                        threshold=1,
                    ),
                    actions=[SendNotification(block_document_id=block_id, subject=subject, body=body)],
                )
            )
