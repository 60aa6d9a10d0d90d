import { h, visible } from "../shared/base.js";
import { tone } from "../shared/parts.js";
import { go, isOpen } from "./steps.js";

/* Every code of a session in one line, which is its slider too. */

const MANY = 30; // turns; of more, only replies are drawn
const PHASES = {
  hello: ["connect", "EHLO", "HELO"],
  envelope: ["MAIL", "RCPT"],
  letter: ["DATA", "BDAT", "message"],
  bye: ["QUIT"],
};

/** Turns by phase, [name, [index, …]] in order; what belongs to none goes with what is before it. */
export function phases(turns) {
  const found = [];
  turns.forEach(({ verb }, n) => {
    const named = Object.keys(PHASES).find((name) => PHASES[name].includes(verb));
    const name = named ?? found.at(-1)?.[0] ?? "hello";
    if (found.at(-1)?.[0] !== name) found.push([name, []]);
    found.at(-1)[1].push(n);
  });
  return found;
}

/** Which of the spans { left, right } is nearest to x. */
export function nearest(spans, x) {
  const away = spans.map(({ left, right }) => Math.max(left - x, x - right, 0));
  return away.indexOf(Math.min(...away));
}

/** Press or drag to go to the nearest reply; the mark of a command counts with its reply. */
function scrubbed(model, node, cells) {
  const replies = cells.filter((_, n) => model.get("turns")[n].code);
  const to = ({ clientX }) => {
    const spans = replies.map((one) => one.getBoundingClientRect());
    go(model, cells.indexOf(replies[nearest(spans, clientX)]) + 1);
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button || !replies.length) return;
    node.setPointerCapture(event.pointerId);
    to(event);
  });
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) to(event);
  });
}

/** The map: its element, and how to show a state. */
export function map(model, t) {
  const turns = model.get("turns");
  const cells = turns.map(() => h("span", {}, h("span")));
  const phase = ([name, numbers]) => {
    const weight = numbers.reduce((sum, n) => sum + (turns[n].code ? 1 : 0.2), 0);
    const own = numbers.map((n) => cells[n]);
    const caption = h("small", { class: "s-caption" }, t(`player.phase_${name}`));
    return h("span", { style: `flex-grow: ${weight}` }, h("span", {}, own), caption);
  };
  const attributes = { role: "slider", tabindex: 0, "aria-label": t("player.step") };
  const range = { "aria-valuemin": 0, "aria-valuemax": turns.length };
  const kind = turns.length > MANY ? "player-map player-many" : "player-map";
  const node = h("div", { class: kind, ...attributes, ...range }, phases(turns).map(phase));
  const showCell = ({ code }, n, now) => {
    const isLater = n >= now.step;
    const place = `${isLater ? "player-later" : ""} ${n + 1 === now.step ? "player-now" : ""}`;
    const reply = `player-reply s-code ${isLater ? "" : tone(code)}`; // no colour gives it away
    cells[n].className = `${code ? reply : "player-command"} ${place}`;
    cells[n].firstChild.textContent = isLater && isOpen(now, n + 1) ? "?" : visible(code ?? "");
  };
  const show = (now) => {
    for (const [n, turn] of turns.entries()) showCell(turn, n, now);
    const turn = turns[now.step - 1];
    const position = t("player.position", { step: now.step, last: turns.length });
    const said = turn && `${position}, ${t(`player.${turn.from}`)}: ${turn.code ?? turn.verb}`;
    node.setAttribute("aria-valuenow", now.step);
    node.setAttribute("aria-valuetext", visible(said ?? position));
  };
  scrubbed(model, node, cells);
  return { node, show };
}
