"use strict";
// Names beside the points of a chart. Each stands where it hides neither a point nor another name, also after zooming.
// The trace has `meta: "names"`, and the names as `hovertext`, which a point shows when the mouse is on it.
const keepNamesApart = (() => {
  const sides = ["top center", "bottom center", "middle right", "middle left", "top right", "top left", "bottom right", "bottom left"];
  const gap = 6;
  const lineHeight = 16;
  const ruler = document.createElement("canvas").getContext("2d");

  // The rectangle of a name beside a point: left, top, right, bottom.
  function boxOf(side, x, y, width) {
    const [row, column] = side.split(" ");
    const left = { left: x - width - gap, center: x - width / 2, right: x + gap }[column];
    const top = { top: y - lineHeight - gap, middle: y - lineHeight / 2, bottom: y + gap }[row];
    return [left, top, left + width, top + lineHeight];
  }

  const overlaps = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  // The place of each name, the first names first. A name without a place is left out.
  function placesOf(trace, { xaxis, yaxis, font }) {
    ruler.font = `${font.size}px ${font.family}`;
    const points = trace.x.map((x, index) => [xaxis.d2p(x), yaxis.d2p(trace.y[index])]);
    const inside = ([x, y]) => x >= 0 && x <= xaxis._length && y >= 0 && y <= yaxis._length;
    const taken = points.filter(inside).map(([x, y]) => [x - 4, y - 4, x + 4, y + 4]);
    const fits = (box) =>
      box[0] >= 0 && box[1] >= -lineHeight && box[2] <= xaxis._length && box[3] <= yaxis._length && !taken.some((other) => overlaps(box, other));
    const places = points.map((point, index) => {
      if (!inside(point)) return null;
      const width = ruler.measureText(trace.hovertext[index]).width * 1.05;
      for (const side of sides) {
        const box = boxOf(side, ...point, width);
        if (!fits(box)) continue;
        taken.push(box);
        return side;
      }
      return null;
    });
    return { places, visible: points.filter(inside).length };
  }

  function place(plot, note) {
    plot.data.forEach((trace, index) => {
      if (trace.meta !== "names") return;
      const { places, visible } = placesOf(trace, plot._fullLayout);
      const text = trace.hovertext.map((name, number) => (places[number] ? name : ""));
      const hidden = visible - places.filter(Boolean).length;
      note.textContent = hidden ? `${hidden} of ${visible} names do not fit: zoom in, or point at a mark` : "";
      const textposition = places.map((side) => side || sides[0]);
      const isSame = JSON.stringify([trace.text, trace.textposition]) === JSON.stringify([text, textposition]);
      if (!isSame) Plotly.restyle(plot, { text: [text], textposition: [textposition] }, [index]);
    });
  }

  return (plot) => {
    if (!plot.data.some((trace) => trace.meta === "names")) return;
    const note = plot.parentElement.querySelector(".names") || document.createElement("p");
    note.className = "names";
    plot.after(note);
    place(plot, note);
    plot.on("plotly_afterplot", () => place(plot, note));
  };
})();
