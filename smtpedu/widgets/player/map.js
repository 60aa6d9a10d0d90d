import { h } from "../shared/base.js";
import { tone } from "../shared/parts.js";
import { go, isOpen } from "./steps.js";

/* Every code of a session in one line, which is its slider too. */

const DIGITS = 30; // turns; of more, each is a bar without digits
const CAPTIONS = 8; // phases; of more, none has a name
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

/** Which of the spans [start, end] is nearest to x. */
export function nearest(spans, x) {
  const away = spans.map(([start, end]) => Math.max(start - x, x - end, 0));
  return away.indexOf(Math.min(...away));
}

function cell(turn) {
  const kind = turn.code ? `player-reply ${tone(turn.code)}` : "player-command";
  return h("span", { class: kind });
}

function showCell(node, n, turn, now, isShort) {
  const isOpened = turn.code && n >= now.step && isOpen(now, n + 1);
  node.classList.toggle("player-later", n >= now.step);
  node.classList.toggle("player-now", n + 1 === now.step);
  if (turn.code && !isShort) node.textContent = isOpened ? "?" : turn.code;
}

/** The step a place in the map stands for: that of the nearest reply. */
function stepAt(cells, turns, x) {
  const ends = turns.map((turn, n) => (turn.code || n === turns.length - 1 ? n : -1));
  const targets = ends.filter((n) => n >= 0);
  const span = (n) => {
    const { left, right } = cells[n].getBoundingClientRect();
    return [left, right];
  };
  return targets[nearest(targets.map(span), x)] + 1;
}

function scrubbed(model, node, cells, turns) {
  let isHeld = false;
  const to = ({ clientX }) => go(model, stepAt(cells, turns, clientX));
  const on = {
    pointerdown: (event) => {
      if (event.button) return;
      isHeld = true;
      node.setPointerCapture(event.pointerId);
      to(event);
    },
    pointermove: (event) => isHeld && to(event),
    pointerup: () => {
      isHeld = false;
    },
    pointercancel: () => {
      isHeld = false;
    },
  };
  for (const [event, listener] of Object.entries(on)) node.addEventListener(event, listener);
}

/** The map: its element, and how to show a state. */
export function map(model, t) {
  const turns = model.get("turns");
  const isShort = turns.length > DIGITS;
  const cells = turns.map(cell);
  const found = phases(turns);
  const phase = ([name, numbers]) => {
    const weight = numbers.reduce((sum, n) => sum + (turns[n].code ? 1 : 0.2), 0);
    return h("span", { style: `flex-grow: ${weight}` }, [
      h(
        "span",
        {},
        numbers.map((n) => cells[n]),
      ),
      found.length <= CAPTIONS && h("small", {}, t(`player.phase_${name}`)),
    ]);
  };
  const attributes = { role: "slider", tabindex: 0, "aria-label": t("player.step") };
  const range = { "aria-valuemin": 0, "aria-valuemax": turns.length };
  const kind = isShort ? "player-map player-many" : "player-map";
  const node = h("div", { class: kind, ...attributes, ...range }, found.map(phase));
  scrubbed(model, node, cells, turns);
  const show = (now) => {
    cells.forEach((one, n) => {
      showCell(one, n, turns[n], now, isShort);
    });
    const turn = turns[now.step - 1];
    const position = t("player.position", { step: now.step, last: turns.length });
    const said = turn ? `${position}, ${t(`player.${turn.from}`)}: ${turn.code ?? turn.verb}` : "";
    node.setAttribute("aria-valuenow", now.step);
    node.setAttribute("aria-valuetext", said || position);
  };
  return { node, show };
}
