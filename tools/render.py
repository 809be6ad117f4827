"""`render_page`: the page as an image, kept as a blob and put into a model request only at the moment of the call."""

from __future__ import annotations

from pydantic import Field

from tools.contract import Observation, PageContext, ToolArguments
from tools.pdf.limits import RenderEngine


class RenderArguments(ToolArguments):
    """Arguments of `render_page`."""

    dpi: int = Field(default=150, ge=72, le=300, description="Resolution; 150 shows ordinary print, 300 small print.")
    engine: RenderEngine = Field(
        default="pdfium", description="`poppler` is a second opinion where the picture looks wrong; slower."
    )


class RenderPage:
    """Draw the page. Not cached: it takes 50 ms, and the image is a blob named by its content anyway."""

    name = "render_page"
    description = (
        "Draws the page as an image. Use it where the look matters: an ID, a photo, handwriting, a stamp, a form whose "
        "text says too little."
    )
    arguments = RenderArguments

    async def __call__(self, arguments: RenderArguments, page: PageContext) -> Observation:
        rendered = await page.document.render(page.page, dpi=arguments.dpi, engine=arguments.engine)
        ref = await page.blobs.put(rendered.jpeg())
        return Observation(
            summary=f"{rendered.width} x {rendered.height} pixels at {rendered.dpi:g} dpi, drawn by {rendered.engine}",
            content={
                "image": ref,
                "media_type": "image/jpeg",
                "width": rendered.width,
                "height": rendered.height,
                "dpi": rendered.dpi,
            },
            ref=ref,
        )
