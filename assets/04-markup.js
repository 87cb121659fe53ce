/* The component of dashboard/markup.py: draws a tree of plain elements without a wrapper of Dash around each. */
(function () {
  "use strict";
  const {createElement, Fragment, memo} = window.React;
  const OWN = "grid_markup", HTML = "dash_html_components";
  const HELD = new Set(["id", "className", "role", "tabIndex", "hidden", "title"]);
  const isOfElement = (name) => HELD.has(name) || name.startsWith("data-") || name.startsWith("aria-");
  /* An address that runs a script is none, whoever wrote it into the data. */
  const ADDRESSES = ["href", "src", "action", "formAction", "poster"];
  const isSafe = (address) => /^((https?|sips?|tel):|[/?#]|[^:]*$)/i.test(String(address).trim());

  function drawn(node, place) {
    if (node === null || node === undefined || typeof node === "boolean") return null;
    if (Array.isArray(node)) return node.map(drawn);
    if (typeof node !== "object") return node;
    const {namespace, type, props: {children, ...props}} = node;
    const tag = namespace === HTML ? type.toLowerCase() : namespace === OWN ? {Field: "input", Part: Fragment}[type] : null;
    if (!tag) throw new Error(`plain markup holds elements, fields and parts, got ${namespace}.${type}`);
    for (const name of ADDRESSES) if (name in props && !isSafe(props[name])) delete props[name];
    props.key ??= place;
    return children === undefined ? createElement(tag, props) : createElement(tag, props, drawn(children));
  }

  const Markup = memo(({tree, tag, ...rest}) => {
    const held = Object.fromEntries(Object.entries(rest).filter(([name]) => isOfElement(name)));
    return createElement(tag || "div", held, drawn(tree));
  }, (old, now) => Object.keys({...old, ...now}).every((name) => !(name === "tree" || isOfElement(name)) || old[name] === now[name]));
  window[OWN] = {Markup};
})();
