/* The roads within reach of a point, and the point. */
(function () {
  "use strict";
  const room = window.mapRoom;
  room.adapters.reach = (given) => {
    const {content, json, slot, props} = given;
    if (!props.visible) return null;
    const lines = content.features.length && room.adapters.roads({...given, slot: slot + "-roads"});
    const size = 9 * room.scale();
    const mark = room.make("ScatterplotLayer", {id: slot + "-point", pickable: false, parameters: room.ALWAYS,
      data: [content.point], getPosition: (one) => one, billboard: true, stroked: true, filled: false, radiusUnits: "pixels", getRadius: size,
      lineWidthUnits: "pixels", getLineWidth: 2.5, getLineColor: json.mark, updateTriggers: {getRadius: size}});
    return [lines, mark];
  };
})();
