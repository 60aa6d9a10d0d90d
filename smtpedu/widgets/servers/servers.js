import { toward } from "../explorer/table.js";
import { frame, h, head, listen, prose, set, visible } from "../shared/base.js";
import { chip } from "../shared/parts.js";
import { departures } from "./align.js";
import { comparison, stepper } from "./sidebyside.js";

/* ---- choosing ---- */

/** Of what an output has chosen, which may be anything, the sessions that there are. */
export function known(chosen, sessions, limit) {
  return [...new Set(chosen)].filter((name) => Object.hasOwn(sessions, name)).slice(0, limit);
}

/** What is chosen after a cell was pressed; nothing when there is no room for it. */
export function toggled(chosen, name, limit) {
  if (chosen.includes(name)) return chosen.filter((one) => one !== name);
  return chosen.length < limit ? [...chosen, name] : undefined;
}

/** The table is one stop of the Tab key, the button that had the focus last; arrows go on there. */
function oneStop(table, buttons, isRightward) {
  const stop = (at) => {
    for (const [n, button] of buttons.entries()) button.tabIndex = n === at ? 0 : -1;
  };
  const middle = (button) => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  };
  const handle = (event) => {
    const at = buttons.indexOf(event.target);
    if (at < 0) return;
    if (event.type === "focusin") return stop(at);
    const to = toward(event.key, at, buttons.map(middle), isRightward);
    if (to === undefined) return;
    event.preventDefault();
    buttons[to].focus();
  };
  for (const type of ["focusin", "keydown"]) table.addEventListener(type, handle);
  stop(0);
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
function codes(session, whose, decides, departs) {
  const said = decides.map((one) => one.filter(Boolean).join(" ")).join(", ");
  const name = { "data-session": session, "aria-label": `${whose}: ${said}`, title: said };
  const chips = decides.map(([code], k) => chip(code, departs[k] ? "" : "s-bare"));
  return h("button", { class: "servers-codes", ...name }, chips);
}

/** The table: buttons of its rows have the scenario as data, those of its cells the session. */
function matrix({ servers, scenarios, sessions, limit }, t, language) {
  const missing = () =>
    h("span", { class: "s-soft", role: "img", "aria-label": t("servers.missing") }, "—");
  const does = ` (${t("servers.choose_row", { limit })})`;
  const row = ({ name: scenario, texts }) => {
    const { title } = texts[language];
    const all = { class: "servers-all", "data-scenario": scenario };
    const names = servers.map(([server]) => `${server}/${scenario}`);
    const decided = names.map((name) => sessions[name]?.decides);
    const departs = departures(decided.map((cell) => cell?.map(([code]) => code)));
    const cell = (name, n) => {
      const whose = `${servers[n][1]}, ${title.replaceAll("`", "")}`;
      return h("td", {}, decided[n] ? codes(name, whose, decided[n], departs[n]) : missing());
    };
    const button = h("button", all, prose(title), h("span", { class: "s-aloud" }, does));
    return h("tr", {}, h("th", { scope: "row" }, button), names.map(cell));
  };
  const columns = [t("servers.scenario"), ...servers.map(([, name]) => h("bdi", {}, name))];
  const title = (name) => h("th", { scope: "col" }, name);
  return h("table", { class: "servers-matrix", "aria-label": t("servers.caption") }, [
    h("thead", {}, h("tr", {}, columns.map(title))),
    h("tbody", {}, scenarios.map(row)),
  ]);
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
  const chosen = () => known(model.get("chosen"), sessions, limit);
  const status = h("p", { class: "s-aloud", role: "status" });
  const full = band(captured, h("p", { class: "s-note" }));
  let said = "";
  const tell = (where, text) => {
    where.textContent = visible(text);
    status.textContent = visible(`${text} ${said}`);
  };
  const toggle = (button) => {
    const after = toggled(chosen(), button.dataset.session, limit);
    if (after) return steady(button, () => set(model, { chosen: after }));
    steady(button, () => button.closest("tr").after(full));
    tell(full.querySelector("p"), t("servers.full", { limit }));
  };
  const row = (button) => {
    const names = servers.map(([server]) => `${server}/${button.dataset.scenario}`);
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
  const table = matrix(captured, t, language);
  const buttons = [...table.querySelectorAll("button")];
  for (const button of buttons)
    button.addEventListener("click", () => (button.dataset.session ? toggle : row)(button));
  const show = () => {
    const names = chosen();
    const isLast = ({ dataset }) => names.length > 0 && dataset.session === names.at(-1);
    const last = buttons.find(isLast)?.closest("tr");
    for (const button of buttons) {
      const { session } = button.dataset;
      const isOn = session ? names.includes(session) : Boolean(last?.contains(button));
      button.setAttribute(session ? "aria-pressed" : "aria-expanded", isOn);
      button.classList.toggle("s-on", Boolean(session) && isOn);
    }
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
    status.textContent = visible(panel.showSteps());
  };
  const hint = h("p", { class: "s-soft" }, t("servers.hint", { limit }));
  root.append(head(t("servers.title")), hint, status, table);
  oneStop(table, buttons, root.dir === "ltr");
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
