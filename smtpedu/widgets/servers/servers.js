import { frame, h, head, listen, prose, set } from "../shared/base.js";
import { chip } from "../shared/parts.js";
import { departures } from "./align.js";
import { comparison, stepper } from "./sidebyside.js";

export const state = (data) => ({ step: 0, ...data });

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
  if (!grid.flat().includes(current)) return;
  for (const button of grid.flat()) if (button) button.tabIndex = button === current ? 0 : -1;
}

/** Change the page above an element; on the screen it stays where it is. */
function steady(node, change) {
  const before = node.getBoundingClientRect().top;
  change();
  const moved = node.getBoundingClientRect().top - before;
  const scrolls = (box) =>
    box.scrollHeight > box.clientHeight && /auto|scroll/.test(getComputedStyle(box).overflowY);
  let box = node.parentElement;
  while (box && !scrolls(box)) box = box.parentElement;
  (box ?? document.scrollingElement).scrollTop += moved;
}

/* ---- the table ---- */

/** A cell's button: the deciding codes, of which those that `depart` from the usual are filled. */
function codes(decides, whose, departs) {
  const said = decides.map((one) => one.filter(Boolean).join(" ")).join(", ");
  return h("button", { class: "servers-codes", "aria-label": `${whose}: ${said}`, title: said }, [
    decides.map(([code], k) => chip(code, departs[k] ? "" : "s-bare")),
  ]);
}

/** The table, its buttons as a grid, and those of the cells by the name of their session. */
function matrix({ servers, scenarios, sessions, limit }, t, language, act) {
  const buttons = new Map();
  const rowOf = ({ name: scenario, texts }) => {
    const { title } = texts[language];
    const all = h("button", { class: "servers-all" }, prose(title));
    all.append(h("span", { class: "s-aloud" }, ` (${t("servers.choose_row", { limit })})`));
    all.addEventListener("click", () => act.row(scenario, all));
    const decided = servers.map(([server]) => sessions[`${server}/${scenario}`]?.decides);
    const departs = departures(decided.map((cell) => cell?.map(([code]) => code)));
    const cell = ([server, label], n) => {
      if (!decided[n]) return undefined;
      const name = `${server}/${scenario}`;
      const button = codes(decided[n], `${label}, ${title.replaceAll("`", "")}`, departs[n]);
      button.addEventListener("click", () => act.toggle(name, button));
      buttons.set(name, button);
      return button;
    };
    return [all, ...servers.map(cell)];
  };
  const grid = scenarios.map(rowOf);
  const missing = () =>
    h("span", { class: "s-soft", role: "img", "aria-label": t("servers.missing") }, "—");
  const cell = (button) => h("td", {}, button ?? missing());
  const row = ([all, ...cells]) => h("tr", {}, h("th", { scope: "row" }, all), cells.map(cell));
  const columns = [t("servers.scenario"), ...servers.map(([, name]) => h("bdi", {}, name))];
  const title = (name) => h("th", { scope: "col" }, name);
  const table = h("table", { class: "servers-matrix", "aria-label": t("servers.caption") }, [
    h("thead", {}, h("tr", {}, columns.map(title))),
    h("tbody", {}, grid.map(row)),
  ]);
  return { table, grid, buttons };
}

/** A row across the table, for what belongs to the row above it. */
function band({ servers }, content) {
  return h("tr", { class: "servers-band" }, h("td", { colspan: servers.length + 1 }, content));
}

/* ---- all of it ---- */

/** The panel of the chosen sessions: what is said of the choice, the steps, the sessions. */
function below(model, captured, t, language) {
  const bar = stepper(model, t);
  const heading = h("h4", { class: "servers-said" });
  const result = h("div");
  const label = { class: "servers-panel", "aria-label": t("servers.sessions") };
  const top = h("div", { class: "s-head" }, heading, bar.node);
  const node = band(captured, h("section", label, top, result));
  let view;
  const showSteps = () => {
    const step = model.get("step");
    const count = Math.min(step || view.rows, view.rows);
    view.show(count, step > 0);
    bar.show(count, view.rows);
    return step && count ? view.spoken(count) : "";
  };
  const show = (names) => {
    view = comparison(captured, names, t, language);
    result.replaceChildren(...view.nodes);
    showSteps();
    return view.said;
  };
  return { node, heading, show, showSteps };
}

function draw(model, root, t, language, captured) {
  const { limit, servers, sessions } = captured;
  const chosen = () => model.get("chosen").filter((name) => name in sessions);
  const status = h("p", { class: "s-aloud", role: "status" });
  const full = band(captured, h("p", { class: "s-note" }));
  let said = "";
  const tell = (where, text) => {
    where.textContent = text;
    status.textContent = `${text} ${said}`;
  };
  const toggle = (name, button) => {
    const after = toggled(chosen(), name, limit);
    if (after) return steady(button, () => set(model, { chosen: after }));
    steady(button, () => button.closest("tr").after(full));
    tell(full.querySelector("p"), t("servers.full", { limit }));
  };
  const row = (scenario, button) => {
    const names = servers.map(([server]) => `${server}/${scenario}`);
    const there = names.filter((name) => name in sessions);
    const first = there.slice(0, limit);
    const isOpen = String(chosen()) === String(first);
    steady(button, () => set(model, { step: 0, chosen: isOpen ? [] : first }));
    if (isOpen) return;
    if (there.length > limit)
      tell(panel.heading, t("servers.row", { count: limit, all: there.length }));
    panel.heading.scrollIntoView({ block: "nearest" });
  };
  const panel = below(model, captured, t, language);
  const { table, grid, buttons } = matrix(captured, t, language, { toggle, row });
  const show = () => {
    const names = chosen();
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", names.includes(name));
    const last = buttons.get(names.at(-1))?.closest("tr");
    for (const [all] of grid) all.setAttribute("aria-expanded", Boolean(last?.contains(all)));
    // What goes away hands the keyboard on to the table.
    if (panel.node.contains(document.activeElement))
      table.querySelector("tr > * > [tabindex='0']").focus();
    full.remove();
    panel.node.remove();
    said = panel.show(names);
    last?.after(panel.node);
    const key = last ? "servers.chosen" : "servers.nothing";
    tell(panel.heading, t(key, { limit, count: names.length }));
  };
  const onStep = () => {
    status.textContent = panel.showSteps();
  };
  table.addEventListener("keydown", (event) => onArrow(grid, root, event));
  table.addEventListener("focusin", (event) => rove(grid, event.target));
  const hint = h("p", { class: "s-soft" }, t("servers.hint", { limit }));
  root.append(head(t("servers.title")), hint, status, table);
  rove(grid, grid[0][0]);
  show();
  const unlisten = [listen(model, ["chosen"], show), listen(model, ["step"], onStep)];
  return () => {
    for (const stop of unlisten) stop();
  };
}

export default {
  remembers: ["language", "chosen", "step"],
  async render(context) {
    const captured = await context.kit.load("servers");
    return frame(context, "servers", (root, t, language) =>
      draw(context.model, root, t, language, captured),
    );
  },
};
