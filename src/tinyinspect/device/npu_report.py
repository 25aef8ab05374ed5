"""``compiled.json``: what Vela says of a file that it made, as one typed file."""

from pydantic import BaseModel, ConfigDict, Field


class NpuReport(BaseModel):
    """Vela's estimates for one inference, and how much of the network the neural processor runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    npu_operators: int = Field(description="Operators of the network that the neural processor runs")
    cycles: int = Field(description="Of one inference, estimated")
    milliseconds: float = Field(description="The same at the neural processor's clock")
    sram_bytes: int = Field(description="Of activations and scratch")
    flash_bytes: int = Field(description="Of weights and commands")
