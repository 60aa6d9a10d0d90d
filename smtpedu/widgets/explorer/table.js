import { h } from "../shared/base.js";
import { chip } from "../shared/parts.js";

/* All codes in a table: first digits are rows, second digits columns. */

const FIRST = [2, 3, 4, 5];
const SECOND = [0, 1, 2, 3, 5];

/** Where a key leads from the place `at`: `places` are the middles [x, y] of all, in order. */
export function toward(key, at, places, isRightward = true) {
  const onward = at + (isRightward ? 1 : -1);
  const next = { ArrowRight: onward, ArrowLeft: 2 * at - onward, Home: 0, End: places.length - 1 };
  if (key in next) return next[key] in places ? next[key] : at;
  const down = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!down) return undefined;
  const [x, y] = places[at];
  const far = ([toX, toY]) => 2 * Math.abs(toX - x) + Math.abs(toY - y);
  const ahead = places.filter((place) => (place[1] - y) * down > 8);
  return ahead.length ? places.indexOf(ahead.reduce((a, b) => (far(b) < far(a) ? b : a))) : at;
}

/** The table and what may be done with it; `press(code)` is called for the code that is pressed. */
export function codeTable(codes, t, press) {
  const buttons = codes.map(({ code, texts }) =>
    h("button", { class: "explorer-code", title: texts.title, on: { click: () => press(code) } }, [
      chip(code),
      h("span", { class: "s-aloud" }),
    ]),
  );
  const cell = (first, second) =>
    buttons.filter((_, n) => String(codes[n].code).startsWith(`${first}${second}`));
  const head = (scope, digits, said) => {
    const place = h("bdi", { dir: "ltr", class: "explorer-digits" }, digits);
    return h("th", { scope, class: "s-caption" }, place, " ", h("span", {}, said));
  };
  const columns = SECOND.map((n) => head("col", `x${n}z`, t(`digit.${n}`)));
  const rows = FIRST.map((n) => [
    head("row", `${n}yz`, t(`outcome.${n}`)),
    SECOND.map((second) => h("td", {}, cell(n, second))),
  ]);
  const lines = [[h("td"), columns], ...rows].map((cells) => h("tr", {}, cells));
  const node = h("table", { class: "explorer-table", "aria-label": t("explorer.title") }, lines);

  // One stop of the Tab key; the arrow keys go on from there.
  const stop = (at) => {
    for (const [n, button] of buttons.entries()) button.tabIndex = n === at ? 0 : -1;
  };
  const middle = (button) => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  };
  node.addEventListener("focusin", ({ target }) => stop(buttons.indexOf(target)));
  node.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const to = toward(event.key, at, buttons.map(middle), t("widget.direction") === "ltr");
    if (to === undefined) return;
    event.preventDefault();
    buttons[to].focus();
  });

  /** Say which code is chosen, and which ones fit; the others stay, but pale. */
  const show = (chosen, fitting = codes) => {
    for (const [n, button] of buttons.entries()) {
      const fits = fitting.includes(codes[n]);
      button.setAttribute("aria-pressed", codes[n].code === chosen);
      button.classList.toggle("explorer-unfit", !fits);
      button.lastChild.textContent = fits ? "" : ` (${t("explorer.unfit")})`;
    }
    const start = codes.find(({ code }) => code === chosen) ?? fitting[0];
    if (!node.contains(document.activeElement)) stop(Math.max(0, codes.indexOf(start)));
  };
  const focus = () => buttons.find((button) => button.tabIndex === 0).focus();
  return { node, show, focus };
}
