from __future__ import annotations

from racto.core import FinishReason, ImagePart, ToolRegistry
from racto.core.chat import ChatConfig
from racto.core.testing import ScriptedKit
from racto.tools.mcp.agent import AgentResponse, MCPAgent, StopReason


def test_every_end_of_a_model_has_its_reason() -> None:
    ends = {reason for reason in FinishReason if not reason.is_complete} - {FinishReason.PAUSE}
    assert {StopReason(end.value) for end in ends} == {
        reason for reason in StopReason if not reason.is_limit and reason is not StopReason.ANSWERED
    }


def test_bytes_survive_json(say: object) -> None:
    def picture() -> ImagePart:
        """Take a picture."""
        return ImagePart(data=bytes(range(256)), mime_type="image/png")

    kit = ScriptedKit([say("picture"), "a picture"])  # type: ignore[operator]
    response = MCPAgent(kit, ToolRegistry([picture])).run(ChatConfig(user_message="Show me."))
    again = AgentResponse.model_validate_json(response.model_dump_json())
    assert again.tool_runs[0].result.content == (picture(),)
    assert again.transcript == response.transcript
    assert again.tool_calls == response.tool_calls == []
