/**
 * What makes the page step: plain JavaScript for every browser, with no request and nothing from outside. All text is
 * put in with `textContent`, so that a packet cannot become markup.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
  const frames = JSON.parse(document.getElementById('frames').textContent);
  const rows = new Map([...document.querySelectorAll('.frame')].map((row) => [Number(row.dataset.frame), row]));
  const place = document.getElementById('place');
  const head = document.getElementById('head');
  const fields = document.getElementById('fields');
  const hex = document.getElementById('hex');
  let current = 0;

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const mark = (from, length) => {
    for (const cell of hex.children) {
      const at = Number(cell.dataset.at);
      cell.classList.toggle('at', at >= from && at < from + length);
    }
  };

  const tableOf = (layer) => {
    const table = element('table');
    for (const [label, value, at, length] of layer.fields) {
      const row = element('tr');
      const title = element('th', label);
      title.scope = 'row';
      row.append(title, element('td', value));
      row.addEventListener('mouseenter', () => { row.classList.add('at'); mark(at, length); });
      row.addEventListener('mouseleave', () => { row.classList.remove('at'); mark(0, 0); });
      table.append(row);
    }
    return table;
  };

  const layerAt = (frame, at) => {
    let found = 1;
    for (const layer of frame.layers) if (at >= layer.at && layer.length > 0) found = layer.layer;
    return found;
  };

  const show = (number) => {
    if (frames.length === 0) return;
    current = Math.max(0, Math.min(frames.length - 1, number));
    const frame = frames[current];
    for (const [index, row] of rows) row.classList.toggle('on', index === current);
    const row = rows.get(current);
    if (row) row.scrollIntoView({ block: 'nearest' });
    place.textContent = 'Frame ' + (current + 1) + ' of ' + frames.length;
    head.replaceChildren(
      element('strong', frame.protocol + '  ' + frame.info, 't' + frame.layer),
      element('div', frame.time + ' s, ' + frame.from + ' → ' + frame.to + ' over ' + frame.link),
      element('div', frame.fate + (frame.why ? ': ' + frame.why : ''), frame.fate === 'arrived' ? '' : 'wrong'),
    );
    fields.replaceChildren(...frame.layers.map((layer, index) => {
      const box = element('details');
      box.open = index === frame.layers.length - 1;
      box.append(element('summary', layer.title + ' (layer ' + layer.layer + ')', 't' + layer.layer), tableOf(layer));
      return box;
    }));
    const cells = [];
    for (let at = 0; at * 2 < frame.bytes.length; at++) {
      const end = at % 16 === 15 ? '\\n' : at % 8 === 7 ? '  ' : ' ';
      const cell = element('span', frame.bytes.slice(at * 2, at * 2 + 2) + end, 't' + layerAt(frame, at));
      cell.dataset.at = at;
      cells.push(cell);
    }
    hex.replaceChildren(...cells);
  };

  for (const [number, row] of rows) row.addEventListener('click', () => show(number));
  const actions = { first: () => show(0), back: () => show(current - 1), next: () => show(current + 1), last: () => show(frames.length - 1) };
  for (const button of document.querySelectorAll('[data-go]')) button.addEventListener('click', actions[button.dataset.go]);
  for (const link of document.querySelectorAll('[data-show]')) {
    link.addEventListener('click', () => { show(Number(link.dataset.show)); document.getElementById('ladder').scrollIntoView(); });
  }
  const keys = { ArrowRight: 'next', l: 'next', n: 'next', ArrowLeft: 'back', h: 'back', N: 'back', Home: 'first', g: 'first', End: 'last', G: 'last' };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input')) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    actions[action]();
  });

  const plain = (text) => text.trim().replace(/\\s+/g, ' ').toLowerCase();
  for (const form of document.querySelectorAll('form.question')) {
    const told = form.querySelector('.answer');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const given = form.elements.answer.value;
      if (given === '') { told.textContent = 'Choose or write an answer first.'; return; }
      const isRight = plain(given) === plain(form.dataset.answer) || plain(form.dataset.answer).startsWith(plain(given) + ' ');
      told.className = 'answer ' + (isRight ? 'right' : 'wrong');
      told.textContent = (isRight ? '✓ Right. ' : '✗ Not so. ') + (isRight ? form.dataset.explain : form.dataset.hint);
    });
  }
  show(0);
})();
`;
