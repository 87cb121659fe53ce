/* Whistles on the map: a sign in a ring while somebody has not come; a second ring where one is late. */
(function () {
  "use strict";
  const room = window.mapRoom;
  room.adapters.whistles = ({type, props, content, json, slot}) => {
    if (!content.length) return null;
    const scale = room.scale(), size = json.size * scale;
    const place = (one) => [one.at[0], one.at[1], one.area ? room.heightOf(one.area) : 0];
    const colour = (one) => json.colours[one.state];
    const ring = (id, data, radius, filled) => room.make("ScatterplotLayer", {
      id, data, pickable: filled, visible: props.visible, billboard: true, stroked: true, filled, getPosition: place, parameters: room.ALWAYS,
      radiusUnits: "pixels", getRadius: radius * scale, lineWidthUnits: "pixels", getLineWidth: 2.2 * scale, getLineColor: colour,
      getFillColor: json.ground, updateTriggers: {getPosition: room.areasStamp(), getRadius: scale},
    });
    const sign = room.make(type, {
      ...props, id: slot, data: content, pickable: false, billboard: true, parameters: room.ALWAYS, getPosition: place, getSize: size,
      getText: () => json.sign, getColor: colour, characterSet: [json.sign], fontFamily: props.fontFamily, fontWeight: 700,
      updateTriggers: {getPosition: room.areasStamp(), getSize: size},
    });
    const late = content.filter((one) => one.state === "late");
    return [late.length && ring(slot + "-late", late, 18, false), ring(slot + "-disc", content, 13, true), sign];
  };
})();
