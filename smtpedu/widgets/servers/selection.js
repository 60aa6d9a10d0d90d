import { h, prose } from "../shared/base.js";

/* The line above the table: what is chosen, and the way to the sessions below it. */

/** The chosen sessions, those of one scenario together: [title, labels of servers]. */
export function grouped(book, names, language) {
  const labels = new Map(book.servers);
  const sessions = names.map((name) => book.sessions[name]);
  return [...new Set(sessions.map(({ scenario }) => scenario))].map((scenario) => [
    book.scenarios.find(({ name }) => name === scenario).texts[language].title,
    sessions.filter((one) => one.scenario === scenario).map(({ server }) => labels.get(server)),
  ]);
}

/** The line; `tell` puts a string and the chosen sessions into it, `click` is its button's. */
export function picked(book, t, language, click) {
  const status = h("p", { role: "status", "aria-live": "polite" });
  const button = h("button", { on: { click } }, t("servers.show"));
  const group = ([title, labels]) =>
    h("span", { class: "group" }, [
      h("strong", {}, prose(title)),
      ": ",
      labels.map((label, n) => [n > 0 && t("list.separator"), h("bdi", {}, label)]),
    ]);
  const tell = (key, names, all) => {
    const said = t(key, { limit: book.limit, count: names.length, all });
    const groups = grouped(book, names, language).map((one) => [" ", group(one)]);
    status.replaceChildren(said, ...groups.flat());
    button.hidden = names.length === 0;
  };
  return { node: h("div", { class: "picked" }, status, button), tell };
}

function bring(node, block) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node.scrollIntoView({ block, behavior: still ? "auto" : "smooth" });
}

/** Go to the sessions: the keyboard, too. */
export function visit(heading) {
  heading.focus({ preventScroll: true });
  bring(heading, "start");
}

/** Let the heading be seen; the page stays where it is when it already is. */
export function reveal(heading) {
  const observer = new IntersectionObserver(([{ intersectionRatio }]) => {
    observer.disconnect();
    if (intersectionRatio < 1) bring(heading, "nearest");
  });
  observer.observe(heading);
}
