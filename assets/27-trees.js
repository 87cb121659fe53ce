/* The check boxes of the filter: grown when a popover is first opened, so that the page opens light. */
(function () {
  "use strict";
  const shell = window.shell;
  let trees = null;
  const make = (tag, name, text, marks) => {
    const element = Object.assign(document.createElement(tag), {className: name, textContent: text ?? ""});
    Object.entries(marks || {}).forEach(([key, value]) => element.setAttribute(key, value));
    return element;
  };

  function box(part, branch) {
    const button = make("button", "check", "", {type: "button", role: "checkbox", "aria-checked": "false", "data-filter": part, "data-code": branch.code});
    button.append(make("span", "box", "", {"aria-hidden": "true"}), branch.name);
    return button;
  }
  function tree(part, branch) {
    const root = make("div", "tree");
    if (!branch.code) {
      root.append(make("div", "tree__title", branch.name), ...branch.below.map((leaf) => tree(part, leaf)));
      return root;
    }
    root.append(box(part, branch));
    if (branch.below.length) {
      const more = make("details", "tree__more"), open = make("summary", "tree__open"), below = make("div", "tree__below");
      open.append(make("span", "unseen", branch.name));
      more.append(open, below);
      more.addEventListener("toggle", () => {
        if (more.open && !below.childElementCount) { below.append(...branch.below.map((leaf) => tree(part, leaf))); shell.mark(); }
      });
      root.append(more);
    }
    return root;
  }
  document.addEventListener("toggle", (event) => {
    const place = event.target.open && event.target.querySelector?.("[data-tree]");
    if (!place || !trees || place.childElementCount) return;
    const part = place.dataset.tree;
    place.append(...(trees[part] || []).map((branch) => tree(part, branch)));
    shell.mark();
  }, true);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {trees: {plant: (data) => { trees = data; }}});
})();
