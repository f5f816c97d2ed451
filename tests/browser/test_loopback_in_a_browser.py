"""What a real browser makes of the window's defences."""

from pages import until

EVALUATED = """async () => {
  const tried = {};
  for (const [name, work] of Object.entries({
    markup: () => document.body.insertAdjacentHTML("beforeend", "<b>x</b>"),
    policy: () => trustedTypes.createPolicy("p", {createHTML: (s) => s}),
    elsewhere: () => fetch("http://127.0.0.1:9/"),
  })) {
    try { await work(); tried[name] = "worked"; } catch { tried[name] = "refused"; }
  }
  return {...tried, isolated: crossOriginIsolated, cookies: document.cookie};
}"""


def test_the_page_can_not_be_made_to_run_or_fetch_what_is_not_its_own(newcomer, show):
    page = show(newcomer("Ana"))
    assert page.evaluate(EVALUATED) == {
        "markup": "refused",
        "policy": "refused",
        "elsewhere": "refused",
        "isolated": True,
        "cookies": "",
    }
    assert page.errors
    page.errors.clear()


def test_the_launch_token_leaves_the_address_and_works_once(newcomer, show):
    ana = newcomer("Ana")
    page = show(ana)
    until(page, "sessionStorage.length > 0")
    assert page.url == ana.url.partition("#")[0]
    again = page.context.browser.new_context().new_page()
    with again.expect_response("**/launch") as answered:
        again.goto(ana.url)
    assert answered.value.status == 403
    assert again.evaluate("sessionStorage.length") == 0
    again.context.close()
