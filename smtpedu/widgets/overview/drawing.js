/* The picture as data: each shape is [tag, attributes, ...shapes or text]. Both layouts are drawn
   from the left; for who writes from the right, every place is mirrored, and no text. */

/** Places from the left: of each holder, of its name from there, and of what goes between two. */
export const LAYOUTS = {
  wide: {
    size: [640, 140],
    holders: [70, 320, 570].map((x) => [x, 54]),
    name: [0, 54],
    hops: [195, 445].map((x) => ({
      message: [x - 72, 40, x + 72, 40],
      reply: [x + 72, 78, x - 72, 78],
      word: [x, 17],
    })),
  },
  tall: {
    size: [226, 350],
    holders: [38, 174, 310].map((y) => [54, y]),
    name: [108, -2],
    hops: [107, 243].map((y) => ({
      message: [81, y - 28, 81, y + 25],
      reply: [29, y + 28, 29, y - 25],
      word: [162, y + 5],
    })),
  },
};

const shape = (d, more = {}) => ["path", { d, ...more }];
const text = ([x, y], said, kind) => ["text", { class: `overview-${kind}`, x, y }, said];
const at = ([x, y], kind, ...shapes) => [
  "g",
  { class: `overview-${kind}`, transform: `translate(${x} ${y})` },
  ...shapes,
];

/** A closed envelope around the middle of its place. */
export const envelope = [
  ["rect", { x: -16, y: -11, width: 32, height: 22, rx: 3 }],
  shape("M-15-9L0 3 15-9"),
];

const laptop = [
  ["rect", { x: -32, y: -28, width: 64, height: 44, rx: 4 }],
  shape("M-32 16h64l10 12h-84z"),
];
const unit = (y) => [
  ["rect", { x: -32, y, width: 64, height: 20, rx: 3 }],
  shape(`M-22 ${y + 10}h.1M-14 ${y + 10}h.1M6 ${y + 10}h18`),
];
const server = [-30, -10, 10].flatMap(unit);

const chip = (code) => [
  ["rect", { x: -28, y: -11, width: 56, height: 22, rx: 5 }],
  text([0, 5], `✓ ${code}`, "code"),
];

function arrow([x, y, toX, toY]) {
  const turned = (Math.atan2(toY - y, toX - x) * 180) / Math.PI;
  const head = { class: "overview-head", transform: `translate(${toX} ${toY}) rotate(${turned})` };
  return [shape(`M${x} ${y}L${toX} ${toY}`), shape("M2 0l-9-5v10z", head)];
}

const middle = ([x, y, toX, toY]) => [(x + toX) / 2, (y + toY) / 2];

/** A layout's picture: its size, its shapes, and where the message lies at each holder.

    `said` has the `names` and `roles` of the holders, and the `words` over the arrows. */
export function drawing({ size, holders, name, hops }, said, isRightward) {
  const [width] = size;
  const x = (from) => (isRightward ? from : width - from);
  const place = ([left, ...more]) => [x(left), ...more];
  const way = ([left, y, right, toY]) => [x(left), y, x(right), toY];
  const holder = (where, n) => {
    const below = (y) => place([where[0] + name[0], where[1] + name[1] + y]);
    return [
      "g",
      { class: `overview-holder overview-${n + 1}` },
      at(place(where), "machine", ...(n ? server : laptop)),
      text(below(0), said.names[n], "name"),
      text(below(19), said.roles[n], "role"),
    ];
  };
  const hop = ({ message, reply, word }, n) => [
    "g",
    { class: `overview-hop overview-to-${n + 2}` },
    ["g", { class: "overview-way" }, ...arrow(way(message))],
    text(place(word), said.words[n], "word"),
    at(middle(way(message)), "carried", ...envelope),
    [
      "g",
      { class: "overview-reply s-2" },
      ...arrow(way(reply)),
      at(middle(way(reply)), "chip", ...chip(250)),
    ],
  ];
  return { size, places: holders.map(place), shapes: [...hops.map(hop), ...holders.map(holder)] };
}
