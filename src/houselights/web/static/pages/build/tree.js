/**
 * The builder's own form of a rule, and the ways to change it. Everything here is a pure function of a tree.
 *
 * A tree is groups of items: `{ id, kind: "group", how: "all" | "any" | "none" | "some", items }`, "some" being at least
 * `k` of them. Items are groups again, or
 * `trait` (facet, any_of: [{ key, name }]), `audience` (audience, name), `mentions` (fields, phrases, within_days), and
 * `rule`, a node of the rule tree that this builder shows but does not edit.
 */
let last = 0;
export const fresh = () => `n${(last += 1)}`;

export const group = (how, items = [], k = 2) => ({ id: fresh(), kind: "group", how, items, k });

/** The rule tree's JSON of a tree; groups with nothing in them say nothing. Answers null for an empty tree. */
export function toRule(node) {
  switch (node.kind) {
    case "group": {
      const rules = node.items.map(toRule).filter(Boolean);
      if (!rules.length) return null;
      if (node.how === "some") return { at_least: { k: node.k, of: rules } };
      if (node.how === "none") return { not: rules.length === 1 ? rules[0] : { or: rules } };
      return rules.length === 1 ? rules[0] : { [node.how === "all" ? "and" : "or"]: rules };
    }
    case "trait":
      return { trait: { facet: node.facet, any_of: node.any_of.map((one) => one.key) } };
    case "audience":
      return { audience: node.audience };
    case "mentions":
      return { mentions: { fields: node.fields, phrases: node.phrases, ...(node.within_days ? { within_days: node.within_days } : {}) } };
    default:
      return node.rule;
  }
}

/** A tree whose root is a group, from a rule. `name(facet, key)` and `called(audience)` find names, or answer the key. */
export function fromRule(rule, name = (_, key) => key, called = (id) => id) {
  const item = (node) => {
    const [[kind, content]] = Object.entries(node);
    if (kind === "and" || kind === "or") return group(kind === "and" ? "all" : "any", content.map(item));
    if (kind === "at_least") return group("some", content.of.map(item), content.k);
    if (kind === "not") return group("none", content.or ? content.or.map(item) : [item(content)]);
    if (kind === "trait") return { id: fresh(), kind, facet: content.facet, any_of: content.any_of.map((key) => ({ key, name: name(content.facet, key) })) };
    if (kind === "audience") return { id: fresh(), kind, audience: content, name: called(content) };
    if (kind === "mentions") return { id: fresh(), kind, fields: content.fields, phrases: content.phrases, within_days: content.within_days || null };
    return { id: fresh(), kind: "rule", rule: node };
  };
  if (!rule || rule.everyone) return group("all");
  const root = item(rule);
  return root.kind === "group" && root.how !== "none" ? root : group("all", [root]);
}

/** The facets with their keys, and the audiences, that a rule names: what must be looked up to show it in words. */
export function named(rule, found = { traits: [], audiences: [] }) {
  for (const [kind, content] of Object.entries(rule || {})) {
    if (kind === "trait") content.any_of.forEach((key) => found.traits.push([content.facet, key]));
    else if (kind === "audience") found.audiences.push(content);
    else if (kind === "and" || kind === "or") content.forEach((one) => named(one, found));
    else if (kind === "at_least") content.of.forEach((one) => named(one, found));
    else if (kind === "not") named(content, found);
  }
  return found;
}

/** The tree with one node replaced by what `change(node)` answers; null takes it away. */
export function changed(tree, id, change) {
  if (tree.id === id) return change(tree);
  if (tree.kind !== "group") return tree;
  return { ...tree, items: tree.items.map((item) => changed(item, id, change)).filter(Boolean) };
}

/** The node with an id, or null. */
export function find(tree, id) {
  if (tree.id === id) return tree;
  return tree.kind === "group" ? tree.items.reduce((found, item) => found || find(item, id), null) : null;
}

/** The group a node is in, or null for the root. */
export function parent(tree, id) {
  if (tree.kind !== "group") return null;
  if (tree.items.some((item) => item.id === id)) return tree;
  return tree.items.reduce((found, item) => found || parent(item, id), null);
}

/**
 * The tree with an item put into a group, before position `at`; the same tree when the group says that already. A second
 * trait of a facet joins the first in "any of" and "none of". In "at least" groups what is there twice counts twice.
 */
export function added(tree, groupId, item, at = Infinity) {
  const { how, items } = find(tree, groupId);
  const words = JSON.stringify(toRule(item));
  if (how !== "some" && items.some((one) => JSON.stringify(toRule(one)) === words)) return tree;
  const joins = item.kind === "trait" && ["any", "none"].includes(how);
  const same = joins && items.find((one) => one.kind === "trait" && one.facet === item.facet);
  if (same) {
    const more = item.any_of.filter((one) => !same.any_of.some((each) => each.key === one.key));
    return more.length ? changed(tree, same.id, (one) => ({ ...one, any_of: [...one.any_of, ...more] })) : tree;
  }
  return changed(tree, groupId, (node) => {
    const all = [...node.items];
    all.splice(Math.min(at, all.length), 0, item);
    return { ...node, items: all };
  });
}

/** The tree with a node moved into another group; as it was when that group is inside the node. */
export function moved(tree, id, groupId, at = Infinity) {
  const node = find(tree, id);
  if (!node || find(node, groupId)) return tree;
  const from = parent(tree, id);
  const before = from && from.id === groupId && from.items.findIndex((item) => item.id === id) < at ? 1 : 0;
  const without = changed(tree, id, () => null);
  return changed(without, groupId, (target) => {
    const items = [...target.items];
    items.splice(Math.min(at - before, items.length), 0, node);
    return { ...target, items };
  });
}

/** The tree with a node one step on: "up", "down", "out" of its group, or "in"to the group before or after it. */
export function stepped(tree, id, way) {
  const home = parent(tree, id);
  if (!home) return tree;
  const at = home.items.findIndex((item) => item.id === id);
  if (way === "up") return at ? moved(tree, id, home.id, at - 1) : tree;
  if (way === "down") return at < home.items.length - 1 ? moved(tree, id, home.id, at + 2) : tree;
  if (way === "out") {
    const above = parent(tree, home.id);
    return above ? moved(tree, id, above.id, above.items.findIndex((item) => item.id === home.id) + 1) : tree;
  }
  const near = [home.items[at - 1], home.items[at + 1]].find((item) => item?.kind === "group");
  return near ? moved(tree, id, near.id) : changed(tree, id, (node) => group("any", [node]));
}

/** Where an error of the server points, as the id of a node: `rule.and[1].or[0]…` follows the same branches as `toRule`. */
export function pointed(tree, field) {
  const steps = [...(field || "").matchAll(/\.(and|or|at_least\.of)\[(\d+)\]|\.(not)/g)];
  let node = tree;
  for (const step of steps) {
    node = alone(node);
    if (node?.kind !== "group") break;
    const full = node.items.filter((item) => toRule(item));
    if (step[3]) node = full.length === 1 ? full[0] : { ...node, how: "any" };
    else node = full[Number(step[2])];
  }
  return alone(node)?.id || null;
}

/** A group of one says the same as what is in it. */
function alone(node) {
  while (node?.kind === "group" && ["all", "any"].includes(node.how)) {
    const full = node.items.filter((item) => toRule(item));
    if (full.length !== 1) break;
    [node] = full;
  }
  return node;
}
