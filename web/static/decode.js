"use strict";
// Reads the streams of web/encode.py and web/topology.py into an atlas: shapes in Mercator units from 0 to 1.
// A shape is {paths: [Float64Array of x, y, x, y …], box: [x0, y0, x1, y1]}; areas are filled by the even-odd rule.
(function () {
  const wangge = (window.wangge = window.wangge || {});
  const SCALE = 1e6;

  function reader(text) {
    let at = 0;
    return {
      more: () => at < text.length,
      next() {
        let value = 0, place = 1, digit;
        do {
          digit = text.charCodeAt(at++) - 63;
          value += (digit & 31) * place;
          place *= 32;
        } while (digit & 32);
        return value % 2 ? -(value + 1) / 2 : value / 2;
      },
    };
  }

  const mercatorX = (lon) => lon / 360 + 0.5;
  const mercatorY = (lat) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
  const latitude = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;
  const latLng = (x, y) => L.latLng(latitude(y), (x - 0.5) * 360);
  const boundsOf = (box) => L.latLngBounds(latLng(box[0], box[3]), latLng(box[2], box[1]));

  function boxOf(paths) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const path of paths) {
      for (let i = 0; i < path.length; i += 2) {
        if (path[i] < box[0]) box[0] = path[i];
        if (path[i] > box[2]) box[2] = path[i];
        if (path[i + 1] < box[1]) box[1] = path[i + 1];
        if (path[i + 1] > box[3]) box[3] = path[i + 1];
      }
    }
    return box;
  }

  const shapeOf = (paths) => ({ paths, box: boxOf(paths) });

  // One run of vertices; the pen keeps the last position from part to part.
  function run(stream, count, pen) {
    const path = new Float64Array(2 * count);
    for (let i = 0; i < count; i++) {
      pen.lon += stream.next();
      pen.lat += stream.next();
      path[2 * i] = mercatorX(pen.lon / SCALE);
      path[2 * i + 1] = mercatorY(pen.lat / SCALE);
    }
    return path;
  }

  function shapes(text) {
    const stream = reader(text), pen = { lon: 0, lat: 0 }, all = [];
    while (stream.more()) {
      const paths = [];
      for (let parts = stream.next(); parts > 0; parts--) paths.push(run(stream, stream.next(), pen));
      all.push(shapeOf(paths));
    }
    return all;
  }

  function points(text) {
    const stream = reader(text), pen = { lon: 0, lat: 0 }, all = [];
    while (stream.more()) {
      const path = run(stream, 1, pen);
      all.push({ x: path[0], y: path[1], lat: pen.lat / SCALE, lon: pen.lon / SCALE });
    }
    return all;
  }

  function arcs(text, ranks) {
    const stream = reader(text), pen = { lon: 0, lat: 0 }, all = [];
    while (stream.more()) {
      const arc = shapeOf([run(stream, stream.next(), pen)]);
      arc.rank = +ranks[all.length];
      all.push(arc);
    }
    return all;
  }

  function ring(refs, lines) {
    const out = [];
    for (const ref of refs) {
      const line = lines[ref < 0 ? ~ref : ref].paths[0], count = line.length / 2;
      for (let i = 0; i < count - 1; i++) {
        const at = 2 * (ref < 0 ? count - 1 - i : i);
        out.push(line[at], line[at + 1]);
      }
    }
    return Float64Array.from(out);
  }

  function areas(text, lines) {
    const stream = reader(text), all = [];
    while (stream.more()) {
      const paths = [];
      for (let rings = stream.next(); rings > 0; rings--) {
        const refs = [];
        for (let count = stream.next(); count > 0; count--) refs.push(stream.next());
        paths.push(ring(refs, lines));
      }
      all.push(shapeOf(paths));
    }
    return all;
  }

  // Rows of a table of columns, laid onto the shapes or points decoded for it.
  function joined(items, columns) {
    for (const name in columns || {}) columns[name].forEach((value, index) => (items[index][name] = value));
    return items;
  }

  // GeoJSON of the service, for what changed after the page was made.
  function fromGeoJSON(geometry) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    const paths = [];
    for (const polygon of polygons) {
      for (const corners of polygon) {
        const path = new Float64Array(2 * (corners.length - 1));
        for (let i = 0; i < corners.length - 1; i++) {
          path[2 * i] = mercatorX(corners[i][0]);
          path[2 * i + 1] = mercatorY(corners[i][1]);
        }
        paths.push(path);
      }
    }
    return shapeOf(paths);
  }

  function inside(shape, x, y) {
    const box = shape.box;
    if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) return false;
    let odd = false;
    for (const path of shape.paths) {
      for (let i = 0, j = path.length - 2; i < path.length; j = i, i += 2) {
        if (path[i + 1] > y !== path[j + 1] > y) {
          if (x < ((path[j] - path[i]) * (y - path[i + 1])) / (path[j + 1] - path[i + 1]) + path[i]) odd = !odd;
        }
      }
    }
    return odd;
  }

  function edgeDistance(shape, x, y) {
    let best = Infinity;
    for (const path of shape.paths) {
      for (let i = 0, j = path.length - 2; i < path.length; j = i, i += 2) {
        const dx = path[i] - path[j], dy = path[i + 1] - path[j + 1], length = dx * dx + dy * dy;
        let t = length ? ((x - path[j]) * dx + (y - path[j + 1]) * dy) / length : 0;
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        const ex = x - path[j] - t * dx, ey = y - path[j + 1] - t * dy;
        best = Math.min(best, ex * ex + ey * ey);
      }
    }
    return Math.sqrt(best);
  }

  // The point of an area farthest from its border, to about a thirtieth of its width; kept on the shape.
  function anchor(shape) {
    if (shape.anchor) return shape.anchor;
    const [x0, y0, x1, y1] = shape.box;
    let best = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, r: 0 };
    const look = (cx, cy, w, h, n) => {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const x = cx + w * ((i + 0.5) / n - 0.5), y = cy + h * ((j + 0.5) / n - 0.5);
          if (!inside(shape, x, y)) continue;
          const r = edgeDistance(shape, x, y);
          if (r > best.r) best = { x, y, r };
        }
      }
    };
    look(best.x, best.y, x1 - x0, y1 - y0, 9);
    look(best.x, best.y, (x1 - x0) / 9, (y1 - y0) / 9, 4);
    return (shape.anchor = best);
  }

  Object.assign(wangge, {
    shapes, points, arcs, areas, fromGeoJSON, inside, edgeDistance, anchor, boxOf, boundsOf, joined, mercatorX, mercatorY, latLng,
  });
})();
