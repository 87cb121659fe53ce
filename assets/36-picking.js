/* Clicks and hovering: what was hit becomes SELECTION and HOVER, stores of the page. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const {state} = room;

  /* A pick as {kind, code, title}; a promise where the server knows the code. */
  const meaning = (info) => {
    const id = String(info.layer?.id || "");
    const key = id.split("-")[0];
    if (key === "areas" && info.object?.properties?.code) {
      const {code, name} = info.object.properties;
      return {kind: "area", code: room.drillCode(code), title: name, full: code};
    }
    if (key === "buildings" && info.object) {
      const {id: code, name} = info.object.properties;
      return {kind: "building", code, title: name};
    }
    if ((key === "clusters" || key === "zones") && info.object?.properties) {
      const {code, title} = info.object.properties;
      return {kind: "area", code, title}; /* the grid in its middle, the area of a zone */
    }
    if (key === "chiefs" && info.object) {
      const {name, chief: code} = info.object.properties;
      return code ? {kind: "officer", code, title: name} : null; /* who answers for the road, where it is told */
    }
    if (key === "officers" || key === "resources" || key === "traces") {
      const content = info.layer.props.data?.content || room.content(key);
      const at = info.layer.props.data?.owner?.[info.index] ?? info.index;
      const code = content?.meta.ids?.[at];
      const title = content?.meta.titles?.[at] || code;
      return code && code[0] !== "~" ? {kind: content.meta.selects, code, title} : null; /* ~: nobody by name */
    }
    if (key === "alerts" && info.object?.id) return {kind: "alert", code: info.object.id, title: info.object.title};
    if (key === "whistles" && info.object?.select) return {...info.object.select, title: info.object.title};
    if (key === "cases" && info.index >= 0) {
      const content = info.layer.props.data?.content;
      if (!content) return null;
      if (content.meta.kind === "bins") return {kind: "bin", weight: content.columns.weight[info.index], at: info.coordinate};
      return {kind: "case", ref: content.columns.case_ref[info.index], code: null,
        title: (content.meta.titles || {})[content.meta.categories[content.columns.category[info.index]]] || ""};
    }
    return null;
  };

  /* A ring lies over the ground and under the signs that stand on it. */
  const hitOf = (info) => {
    const hit = info?.picked ? meaning(info) : null;
    const ring = hit && hit.kind !== "area" && hit.kind !== "bin" && hit.kind !== "building" ? null : info && room.ringAt?.(info.x, info.y);
    return ring ? {kind: "case", ref: ring.ref, code: null, title: ring.title} : hit;
  };

  let asked = 0;
  const selectCase = async (ref) => {
    const mine = ++asked;
    const answer = await fetch("/columns/case?ref=" + ref, {headers: {Accept: "application/json"}});
    if (!answer.ok) { room.fail("cases", "case " + ref + ": " + answer.status); return; }
    const {case_no: code} = await answer.json();
    if (mine !== asked) return; /* a newer click won */
    state.caseRef = ref;
    choose({kind: "case", code});
  };
  const choose = (selection) => {
    asked += 1;
    state.selection = selection;
    room.write("shell-selection", selection);
    room.emit("selection", selection);
    room.schedule();
  };
  room.choose = choose;

  room.picked = (info) => {
    const hit = hitOf(info);
    state.clicks = (state.clicks || 0) + 1;
    if (!hit) return;
    if (hit.kind === "bin") {
      room.setCamera({lon: info.coordinate[0], lat: info.coordinate[1], zoom: state.camera.zoom + 1.5}, 500);
    } else if (hit.kind === "case" && !hit.code) {
      selectCase(hit.ref).catch((error) => room.fail("cases", error.message));
    } else choose({kind: hit.kind, code: hit.code});
  };

  let tip = null, shown = "";
  room.hovered = (info) => {
    const hit = hitOf(info);
    const next = hit && hit.kind !== "bin" ? {kind: hit.kind, code: hit.code ?? "#" + hit.ref, title: hit.title || ""} : null;
    const root = document.getElementById("map-canvas");
    tip ??= root.appendChild(Object.assign(document.createElement("div"), {className: "map-tip", hidden: true}));
    tip.setAttribute("aria-hidden", "true");
    tip.hidden = !hit;
    if (hit) {
      const figure = hit.kind === "area" ? room.areaTip(hit.full) : "";
      const words = state.lang === "en" ? " cases, click to zoom" : " 件, 点击放大";
      tip.textContent = hit.kind === "bin" ? hit.weight + words : [hit.title || hit.code, figure].filter(Boolean).join("  ");
      tip.style.transform = `translate(${Math.round(info.x) + 14}px, ${Math.round(info.y) + 14}px)`;
    }
    const mark = JSON.stringify(next);
    if (mark === shown) return;
    shown = mark;
    state.hover = next;
    room.write("shell-hover", next);
    room.schedule();
  };
  let telling = 0;
  const tell = () => {
    clearTimeout(telling);
    telling = setTimeout(() => {
      if (window.shell?.state?.view) window.shell.legend?.(room.KEYS.map((key) => state.specs[key]), window.shell.state.view);
    }, 100);
  };
  room.on("leftOut", tell);
  room.on("note", tell);
  room.on("content", ({key}) => { if (key === "cases") tell(); }); /* single cases or bins: another legend */
  /* The figure that colours an area, as the server wrote it. */
  room.areaTip = (code) => {
    const json = [].concat(state.specs.areas?.layer || []).find((one) => one.tips);
    return json?.tips[code] ?? "";
  };
})();
