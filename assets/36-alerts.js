/* Alerts on the map: a sign for each colour, the gravest on top and ringed. */
(function () {
  "use strict";
  const room = window.mapRoom;
  room.adapters.alerts = ({type, props, content, json, slot}) => {
    if (!content.length) return null;
    const size = json.size * room.scale();
    const place = (one) => [one.at[0], one.at[1], one.area ? room.heightOf(one.area) : 0];
    const chosen = room.state.selection?.kind === "alert" && content.find((one) => one.id === room.state.selection.code);
    const signs = room.make(type, {
      ...props, id: slot, data: content, billboard: true, parameters: room.ALWAYS, getPosition: place, getSize: size,
      getText: (one) => json.signs[one.color], getColor: (one) => json.colours[one.color], characterSet: Object.values(json.signs),
      fontFamily: props.fontFamily, fontWeight: 700, fontSettings: {sdf: true, fontSize: 48, buffer: 8, radius: 14},
      outlineWidth: 3, outlineColor: json.outline, updateTriggers: {getPosition: room.areasStamp(), getSize: size},
    });
    const ring = (id, data, radius, colour, width) => room.make("ScatterplotLayer", {
      id, data, pickable: false, visible: props.visible, billboard: true, stroked: true, filled: false, getPosition: place,
      radiusUnits: "pixels", getRadius: radius * room.scale(), lineWidthUnits: "pixels", getLineWidth: width * room.scale(),
      getLineColor: colour, parameters: room.ALWAYS, updateTriggers: {getPosition: room.areasStamp(), getRadius: room.scale()},
    });
    const red = content.filter((one) => one.color === "red");
    return [ring(slot + "-red", red, 15, (one) => json.colours[one.color], 2.2), signs,
      chosen && ring(slot + "-ring", [chosen], 19, [255, 255, 255, 255], 2.5)];
  };
})();
