import { digits, frame, h, listen, prose, set, wire } from "../shared/base.js";
import { picked, reveal, visit } from "./selection.js";
import { comparison } from "./sidebyside.js";

/* ---- choosing ---- */

/** What is chosen after a cell was pressed; nothing when there is no room for it. */
export function toggled(chosen, name, limit) {
  if (chosen.includes(name)) return chosen.filter((one) => one !== name);
  return chosen.length < limit ? [...chosen, name] : undefined;
}

/** The next button of a grid in a direction, over the gaps between; nothing at the edge. */
export function neighbour(grid, row, column, down, right) {
  do {
    row += down;
    column += right;
    if (!(row in grid && column in grid[row])) return undefined;
  } while (!grid[row][column]);
  return grid[row][column];
}

/** How many rows are seen: `step` of them, or all. */
export function seen(step, rows) {
  return step > 0 ? Math.min(step, rows) : rows;
}

/** Arrow keys go from cell to cell: the table is one stop of the Tab key. */
function onArrow(grid, root, event) {
  const ahead = root.dir === "rtl" ? -1 : 1;
  const moves = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -ahead],
    ArrowRight: [0, ahead],
  };
  const row = grid.findIndex((buttons) => buttons.includes(event.target));
  if (!(event.key in moves) || row < 0) return;
  event.preventDefault();
  const column = grid[row].indexOf(event.target);
  neighbour(grid, row, column, ...moves[event.key])?.focus();
}

/** The one button of the grid that Tab reaches is the one that had the focus last. */
function rove(grid, current) {
  for (const button of grid.flat()) if (button) button.tabIndex = button === current ? 0 : -1;
}

/* ---- the table ---- */

function decided([code, enhanced]) {
  const small = enhanced && h("small", {}, wire(enhanced));
  const both = h("bdi", { dir: "ltr" }, digits(code), small && [" ", small]);
  return h("span", { class: "decided" }, both);
}

/** The table, its buttons as a grid, and those of the cells by the name of their session. */
function matrix(book, t, language, act) {
  const buttons = new Map();
  const cell = (scenario, [server, label]) => {
    const name = `${server}/${scenario.name}`;
    const session = book.sessions[name];
    if (!session) return undefined;
    const whose = `${label}, ${scenario.texts[language].title}: `;
    const button = h("button", { on: { click: () => act.toggle(name) } }, [
      h("span", { class: "aloud" }, whose),
      session.decides.map(decided),
    ]);
    buttons.set(name, button);
    return button;
  };
  const grid = book.scenarios.map((scenario) => {
    const all = h("button", { class: "all" }, [
      prose(scenario.texts[language].title),
      h("span", { class: "aloud" }, ` (${t("servers.choose_row", { limit: book.limit })})`),
    ]);
    all.addEventListener("click", () => act.row(scenario.name));
    return [all, ...book.servers.map((server) => cell(scenario, server))];
  });
  const missing = () => [
    h("span", { "aria-hidden": "true" }, "—"),
    h("span", { class: "aloud" }, t("servers.missing")),
  ];
  const row = ([all, ...cells]) =>
    h("tr", {}, [
      h("th", { scope: "row" }, all),
      cells.map((button) => h("td", {}, button ?? missing())),
    ]);
  const head = [t("servers.scenario"), ...book.servers.map(([, name]) => h("bdi", {}, name))];
  const titles = head.map((name) => h("th", { scope: "col" }, name));
  const table = h("table", {}, [
    h("caption", {}, h("span", {}, t("servers.caption"))),
    h("thead", {}, h("tr", {}, titles)),
    h("tbody", {}, grid.map(row)),
  ]);
  return { table, grid, buttons };
}

/* ---- all of it ---- */

function stepper(model, t, clear) {
  const button = (label, click, kind) => h("button", { class: kind, on: { click } }, label);
  let now = { count: 0, rows: 0 };
  const go = (step) => set(model, { step: Math.max(1, Math.min(step, now.rows)) });
  const buttons = {
    first: button(t("player.first"), () => go(1)),
    back: button(t("player.back"), () => go(now.count - 1)),
    next: button(t("player.next"), () => go(now.count + 1), "main"),
    all: button(t("servers.all"), () => set(model, { step: 0 })),
    clear: button(t("servers.clear"), clear),
  };
  const position = h("span", { class: "soft" });
  const label = { class: "bar", role: "group", "aria-label": t("servers.controls") };
  const node = h("div", label, Object.values(buttons), position);
  const show = (count, rows) => {
    now = { count, rows };
    // Not `disabled`: a button that loses its focus hands the next keys to JupyterLab.
    const off = (name, isOff) => buttons[name].setAttribute("aria-disabled", isOff);
    off("first", count <= 1);
    off("back", count <= 1);
    off("next", count === rows);
    off("all", count === rows);
    position.textContent = t("player.position", { step: count, last: rows });
  };
  return { node, show };
}

/** What presses in the table do; `tell` puts a string into the line above it. */
function choices(model, book, tell, onRow) {
  const chosen = () => model.get("chosen").filter((name) => name in book.sessions);
  const toggle = (name) => {
    const after = toggled(chosen(), name, book.limit);
    if (after) set(model, { chosen: after });
    else tell("servers.full", chosen());
  };
  const row = (scenario) => {
    const names = book.servers.map(([server]) => `${server}/${scenario}`);
    const there = names.filter((name) => name in book.sessions);
    const first = there.slice(0, book.limit);
    set(model, { step: 0, chosen: first });
    if (there.length > first.length) tell("servers.row", first, there.length);
    onRow();
  };
  return { chosen, toggle, row, clear: () => set(model, { step: 0, chosen: [] }) };
}

/** What is below the table: the steps and the sessions side by side, of which `view` is one. */
function below(model, book, t, language, clear) {
  const bar = stepper(model, t, clear);
  const result = h("div");
  const heading = h("h4", { class: "sessions", tabindex: -1 }, t("servers.sessions"));
  const steps = h("p", { class: "aloud", role: "status", "aria-live": "polite" });
  let view;
  const showSteps = () => {
    const count = seen(model.get("step"), view.rows);
    view.show(count);
    bar.show(count, view.rows);
    return count;
  };
  const show = (names) => {
    view = comparison(book, names, t, language);
    heading.hidden = bar.node.hidden = names.length === 0;
    result.replaceChildren(...(names.length ? view.parts : []));
    showSteps();
  };
  const onStep = () => {
    const count = showSteps();
    steps.textContent = model.get("step") && count ? view.spoken(count) : "";
  };
  return { nodes: [heading, bar.node, result, steps], heading, show, onStep };
}

function draw(model, root, t, language, book) {
  const { limit } = book;
  const line = picked(book, t, language, () => visit(under.heading));
  const act = choices(model, book, line.tell, () => reveal(under.heading));
  const { table, grid, buttons } = matrix(book, t, language, act);
  const clear = () => {
    // The button goes away with what it clears; the keyboard goes on in the table.
    grid
      .flat()
      .find((button) => button?.tabIndex === 0)
      .focus();
    act.clear();
  };
  const under = below(model, book, t, language, clear);
  const show = () => {
    const names = act.chosen();
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", names.includes(name));
    under.show(names);
    line.tell(names.length ? "servers.chosen" : "servers.nothing", names);
  };
  const scroll = h("div", { class: "matrix" }, table);
  scroll.addEventListener("keydown", (event) => onArrow(grid, root, event));
  scroll.addEventListener("focusin", (event) => rove(grid, event.target));
  const hint = h("p", { class: "soft" }, t("servers.hint", { limit }));
  root.append(h("h3", {}, t("servers.title")), hint, line.node, scroll, ...under.nodes);
  rove(grid, grid[0][0]);
  show();
  const unlisten = [listen(model, ["chosen"], show), listen(model, ["step"], under.onStep)];
  return () => {
    for (const stop of unlisten) stop();
  };
}

export default {
  async render(context) {
    const book = await unpacked(context.model.get("_book"));
    return frame(context, "servers", (root, t, language) =>
      draw(context.model, root, t, language, book),
    );
  },
};
