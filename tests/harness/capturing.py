"""Cameras and microphones that are not there, and what a page was given of them."""

__all__ = ["ALLOWED", "FAKE", "REFUSED", "keep_streams", "states", "until_off"]

FAKE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
REFUSED = "--deny-permission-prompts"

_KEPT = """() => {
  const media = navigator.mediaDevices, asked = media.getUserMedia.bind(media);
  window.streams = [];
  media.getUserMedia = async (wanted) => {
    const stream = await asked(wanted);
    window.streams.push(stream);
    return stream;
  };
}"""
_STATES = "() => streams.flatMap((one) => one.getTracks()).map((one) => one.readyState)"


def keep_streams(page):
    """Remember what a page gets, for `states`; before it goes anywhere."""
    page.add_init_script(f"({_KEPT})()")


def states(page):
    """Return how each of its tracks stands: live, or ended."""
    return page.evaluate(_STATES)


def until_off(page):
    """Wait until no track of the page is live any more."""
    page.wait_for_function(f"() => ({_STATES})().every((state) => state === 'ended')")
