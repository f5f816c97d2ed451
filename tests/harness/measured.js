// What a script can see of a screen: what is cut, outside, or too small to hit.
() => {
  const wrong = [];
  const shown = (it) => it.checkVisibility() && it.getClientRects().length;
  const name = (it) => `${it.tagName} ${it.className} ${it.textContent.trim().slice(0, 30)}`;
  if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page scrolls sideways");
  const clipped = (it) => it.closest(".unseen, .hidden, .table-scroll, .zoom-pane");
  for (const it of document.querySelectorAll("main *, dialog[open] *")) {
    if (!shown(it) || clipped(it) || it.closest("svg") || it.closest("select")) continue;
    const box = it.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) wrong.push(`outside: ${name(it)}`);
  }
  const inside = document.querySelector("dialog[open]") ?? document;
  for (const it of inside.querySelectorAll("button, a[href], input, select, textarea")) {
    if (!shown(it) || it.closest(".unseen, p, .plain-list, .menu")) continue;
    const small = it.matches("input[type=radio], input[type=checkbox]");
    const target = small ? it.closest("label, .switch") : it;
    const box = (target ?? it).getBoundingClientRect();
    if (box.width < 24 || box.height < 24) wrong.push(`small: ${name(it)}`);
  }
  return wrong;
}
