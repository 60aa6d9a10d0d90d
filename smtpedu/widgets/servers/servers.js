import { frame, h, head, listen, prose, set } from "../shared/base.js";
import { chip } from "../shared/parts.js";
import { departures } from "./align.js";
import { comparison, seen, stepper } from "./sidebyside.js";

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

/** The chosen sessions, those of one scenario together: [title, labels of servers]. */
export function named(captured, names, language) {
  const labels = new Map(captured.servers);
  const sessions = names.map((name) => captured.sessions[name]);
  return [...new Set(sessions.map(({ scenario }) => scenario))].map((scenario) => [
    captured.scenarios.find(({ name }) => name === scenario).texts[language].title,
    sessions.filter((one) => one.scenario === scenario).map(({ server }) => labels.get(server)),
  ]);
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

/* ---- scrolling ---- */

/** Change the page above an element; on the screen it stays where it is. */
function steady(node, change) {
  const before = node.getBoundingClientRect().top;
  change();
  const moved = node.getBoundingClientRect().top - before;
  let box = node.parentElement;
  while (box && !/auto|scroll/.test(getComputedStyle(box).overflowY)) box = box.parentElement;
  (box ?? document.scrollingElement).scrollTop += moved;
}

/** Let an element be seen; the page stays where it is when it already is. */
function reveal(node) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const observer = new IntersectionObserver(([{ intersectionRatio }]) => {
    observer.disconnect();
    if (intersectionRatio < 1)
      node.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  });
  observer.observe(node);
}

/* ---- the table ---- */

/** The table, its buttons as a grid, and those of the cells by the name of their session. */
function matrix(captured, t, language, act) {
  const { servers, scenarios, sessions, limit } = captured;
  const buttons = new Map();
  const cell = (name, label, title, departs) => {
    const { decides } = sessions[name];
    const codes = decides.map((one) => one.filter(Boolean).join(" ")).join(", ");
    const said = { "aria-label": `${label}, ${title}: ${codes}`, title: codes };
    const button = h("button", { class: "servers-codes", ...said }, [
      decides.map(([code], k) => chip(code, departs[k] ? "" : "s-bare")),
    ]);
    button.addEventListener("click", () => act.toggle(name, button));
    buttons.set(name, button);
    return button;
  };
  const grid = scenarios.map((scenario) => {
    const { title } = scenario.texts[language];
    const names = servers.map(([server]) => `${server}/${scenario.name}`);
    const away = departures(names.map((name) => sessions[name]?.decides.map(([code]) => code)));
    const all = h("button", { class: "servers-all" }, [
      prose(title),
      h("span", { class: "s-aloud" }, ` (${t("servers.choose_row", { limit })})`),
    ]);
    all.addEventListener("click", () => act.row(scenario.name, all));
    const cells = names.map((name, n) =>
      sessions[name] ? cell(name, servers[n][1], title.replaceAll("`", ""), away[n]) : undefined,
    );
    return [all, ...cells];
  });
  const missing = () => [
    h("span", { class: "servers-missing", "aria-hidden": "true" }, "—"),
    h("span", { class: "s-aloud" }, t("servers.missing")),
  ];
  const row = ([all, ...cells]) =>
    h("tr", {}, [
      h("th", { scope: "row" }, all),
      cells.map((button) => h("td", {}, button ?? missing())),
    ]);
  const columns = [t("servers.scenario"), ...servers.map(([, name]) => h("bdi", {}, name))];
  const table = h("table", { class: "servers-matrix", "aria-label": t("servers.caption") }, [
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        columns.map((name) => h("th", { scope: "col" }, name)),
      ),
    ),
    h("tbody", {}, grid.map(row)),
  ]);
  return { table, grid, buttons };
}

/** A row across the table, for what belongs to the row above it. */
function band(captured, ...content) {
  const cell = h("td", { colspan: captured.servers.length + 1 }, content);
  return h("tr", { class: "servers-band" }, cell);
}

/* ---- all of it ---- */

/** The panel of the chosen sessions: what is said of the choice, the steps, the sessions. */
function below(model, captured, t, language, clear) {
  const bar = stepper(model, t, clear);
  const heading = h("h4", { class: "servers-said" });
  const result = h("div", { class: "servers-result" });
  const top = h("div", { class: "servers-bar" }, heading, bar.node);
  const label = { class: "servers-panel", "aria-label": t("servers.sessions") };
  const node = band(captured, h("section", label, top, result));
  let view = comparison(captured, [], t, language);
  const showSteps = () => {
    const count = seen(model.get("step"), view.rows);
    view.show(count, model.get("step"));
    bar.show(count, view.rows);
    return model.get("step") && count ? view.spoken(count) : "";
  };
  const show = (names) => {
    view = comparison(captured, names, t, language);
    result.replaceChildren(...view.nodes);
    showSteps();
  };
  return { node, heading, show, showSteps };
}

function draw(model, root, t, language, captured) {
  const { limit, servers, sessions } = captured;
  const chosen = () => model.get("chosen").filter((name) => name in sessions);
  const status = h("p", { class: "s-aloud", role: "status" });
  const tell = (said) => {
    const names = named(captured, chosen(), language).map(
      ([title, labels]) => `${title}: ${labels.join(t("list.separator"))}`,
    );
    status.textContent = [said, ...names].join(" ").replaceAll("`", "");
    panel.heading.textContent = said;
  };
  const full = band(captured, h("p", { class: "s-note" }, t("servers.full", { limit })));
  const act = {
    toggle(name, button) {
      const after = toggled(chosen(), name, limit);
      if (after) return steady(button, () => set(model, { chosen: after }));
      status.textContent = t("servers.full", { limit });
      return steady(button, () => button.closest("tr").after(full));
    },
    row(scenario, button) {
      const names = servers.map(([server]) => `${server}/${scenario}`);
      const there = names.filter((name) => name in sessions);
      const first = there.slice(0, limit);
      const isOpen = String(chosen()) === String(first);
      steady(button, () => set(model, { step: 0, chosen: isOpen ? [] : first }));
      if (isOpen) return;
      if (there.length > limit) tell(t("servers.row", { count: limit, all: there.length }));
      reveal(panel.heading);
    },
  };
  const panel = below(model, captured, t, language, () => set(model, { step: 0, chosen: [] }));
  const { table, grid, buttons } = matrix(captured, t, language, act);
  const show = () => {
    const names = chosen();
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", names.includes(name));
    const last = buttons.get(names.at(-1))?.closest("tr");
    for (const [all] of grid) all.setAttribute("aria-expanded", last?.contains(all) ?? false);
    // What goes away hands the keyboard on to the table.
    if (panel.node.contains(document.activeElement))
      grid
        .flat()
        .find((button) => button?.tabIndex === 0)
        .focus();
    full.remove();
    panel.node.remove();
    panel.show(names);
    last?.after(panel.node);
    tell(t(names.length ? "servers.chosen" : "servers.nothing", { limit, count: names.length }));
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
  async render(context) {
    const captured = await context.kit.load("servers");
    return frame(context, "servers", (root, t, language) =>
      draw(context.model, root, t, language, captured),
    );
  },
};
