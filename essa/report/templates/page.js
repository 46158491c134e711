'use strict';
(() => {
  const $ = (what, within = document) => within.querySelector(what);
  const $$ = (what, within = document) => [...within.querySelectorAll(what)];
  const byId = id => document.getElementById(id);
  const read = id => JSON.parse(byId(id).textContent);
  const count = number => Math.round(number).toLocaleString('en-US');
  const setup = read('setup'), marks = read('marks');
  const SVG = 'http://www.w3.org/2000/svg';
  const draw = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  /* Lists of candidates: the rows stand in the page, the script only hides, orders and opens them */
  const lists = [
    { table: byId('ranked'), said: byId('ranked-count'), more: byId('more'), few: setup.shown, noun: 'candidates' },
    { table: byId('asked'), said: byId('asked-count'), more: byId('more-asked'), few: 10, noun: 'questions', one: 'question' },
    { table: byId('decided'), said: byId('decided-count'), few: Infinity, noun: 'decided ones', one: 'decided one' },
  ].filter(list => list.table);
  const filters = ['by-process', 'by-provider', 'by-lever', 'by-text'].map(byId);
  for (const list of lists) {
    list.rows = $$('tr.one', list.table);
    for (const row of list.rows) {
      row.said = $('.title', row).textContent.toLowerCase();
      row.by = new Map((row.dataset.by || '').split(' ').map(part => part.split(':')).map(([name, ...told]) => [name, told]));
    }
  }
  /* What is typed is looked for in the row and in its details' id, providers and steps */
  const foundBy = row => row.found ??= [$('.title', row), ...$$('.found', byId('t-' + row.id).content)]
    .map(part => part.textContent.toLowerCase()).join(' ');
  const whole = hours => hours > 0 && hours < 10 ? hours.toFixed(1) : count(hours);

  /* With a provider chosen a row tells that provider's part */
  const hoursOf = (row, provider) => +(provider ? row.by.get(provider)?.[0] : row.dataset.hours) || 0;
  function tellPart(row, provider) {
    const bar = $('.saved rect', row), hours = hoursOf(row, provider);
    if (!bar || row.told === provider) return;
    row.told = provider;
    row.wide ??= bar.getAttribute('width');
    bar.setAttribute('width', provider ? (row.wide * hours / row.dataset.hours || 0).toFixed(1) : row.wide);
    $('.saved b', row).textContent = provider ? row.by.get(provider)?.[1] ?? 0 : whole(hours);
    row.classList.toggle('part', !!provider);
    const rest = $('.of', row);
    if (rest) rest.hidden = !provider;
  }

  const opened = row => $('button', row).getAttribute('aria-expanded') === 'true';
  function close(row) {
    if (!opened(row)) return;
    row.nextElementSibling.remove();
    $('button', row).setAttribute('aria-expanded', 'false');
  }
  function open(row) {
    if (opened(row)) return;
    const line = document.createElement('tr'), cell = document.createElement('td');
    line.className = 'opened';
    line.setAttribute('role', 'row');
    cell.setAttribute('role', 'cell');
    cell.colSpan = row.cells.length;
    cell.append(byId('t-' + row.id).content.cloneNode(true));
    line.append(cell);
    row.after(line);
    $('button', row).setAttribute('aria-expanded', 'true');
  }

  function sift() {
    const [process, provider, lever, typed] = filters.map(filter => filter.value);
    const text = typed.trim().toLowerCase(), isSifted = process || provider || lever || text;
    for (const list of lists) {
      let fitting = 0, shown = 0, hours = 0;
      for (const row of list.rows) {
        const of = row.dataset;
        const fits = (!process || of.process === process) && (!provider || of.providers.includes(` ${provider} `)) &&
          (!lever || of.lever === lever) && (!text || foundBy(row).includes(text));
        if (fits) { fitting++; hours += hoursOf(row, provider); }
        tellPart(row, provider);
        const isLater = fits && !list.all && !isSifted && fitting > list.few;
        row.hidden = !fits;
        row.classList.toggle('later', isLater);  // not shown yet, but printed
        if (!fits || isLater) close(row); else shown++;
      }
      list.fitting = isSifted ? fitting : 0;
      byId(list.table.id + '-paper').textContent = isSifted ? `Only ${chosenBy()}: ${fitting} of ${list.rows.length} ${list.noun}${hours ? `, ${count(hours)} hours a year` : ''}` : '';
      list.said.textContent = fitting ?
        `${shown} of ${fitting} ${list.noun} shown${hours ? `, ${count(hours)} hours a year` : ''}` : `None of the ${list.noun} fits`;
      if (!list.more) continue;
      list.more.hidden = shown === fitting;
      list.more.textContent = `Show all ${fitting}`;
    }
    pointElsewhere();
  }
  /* Paper has no filters to look at, and says what they were */
  const chosenBy = () => filters.filter(filter => filter.value.trim()).map(filter =>
    filter.matches('select') ? filter.selectedOptions[0].textContent : `with “${filter.value.trim()}”`).join('; ');
  /* What fits in the lists further down is said beside the filters */
  function pointElsewhere() {
    const links = lists.filter(list => list.fitting && list.table.id !== 'ranked').map(list => Object.assign(
      document.createElement('a'),
      { href: '#' + list.table.closest('section').id, textContent: `${list.fitting} ${list.fitting === 1 ? list.one : list.noun}` }));
    byId('elsewhere').replaceChildren(...links.flatMap((link, place) => [place ? ', ' : lists[0].table.id !== 'ranked' ? '' : lists[0].fitting ? '; also ' : '; but ', link]));
  }
  filters.forEach(filter => filter.addEventListener('input', sift));
  for (const list of lists) if (list.more) list.more.onclick = () => { list.all = true; sift(); };

  let ordered = 'rank', direction = 1;
  const heads = $$('#ranked th button');
  heads.forEach(head => { head.onclick = () => {
    const { key } = head.dataset, list = lists[0];
    direction = key === ordered ? -direction : ['hours', 'money'].includes(key) ? -1 : 1;
    ordered = key;
    heads.forEach(other => other.parentNode.removeAttribute('aria-sort'));
    head.parentNode.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
    const value = key === 'text' ? row => row.said : key === 'lever' ? row => row.dataset.lever :
      key === 'hours' ? row => hoursOf(row, byId('by-provider').value) : row => +row.dataset[key];
    list.rows.forEach(close);
    list.rows.sort((a, b) => {
      const x = value(a), y = value(b);
      return (x < y ? -1 : x > y ? 1 : a.dataset.rank - b.dataset.rank) * direction;
    });
    $('tbody', list.table).append(...list.rows);
    sift();
  }; });

  document.addEventListener('click', event => {
    const on = event.target.closest('button, a');
    if (!on) return;
    if (on.matches('.title button')) { const row = on.closest('tr'); (opened(row) ? close : open)(row); }
    else if ('copy' in on.dataset) copy(on);
    else if (on.dataset.map) show(marks[on.dataset.map].process, on.dataset.map);
  });
  function copy(button) {
    const text = button.previousElementSibling, say = said => { button.nextElementSibling.textContent = ' ' + said; };
    const select = () => {
      getSelection().selectAllChildren(text);
      say(document.execCommand('copy') ? 'Copied' : 'Selected: press Ctrl+C');
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text.textContent).then(() => say('Copied'), select); else select();
  }
  function follow() {
    const id = decodeURIComponent(location.hash.slice(1)), rows = lists.flatMap(list => list.rows);
    const row = byId(id) ? rows.find(row => row.id === id) : rows.find(row => byId('t-' + row.id).content.getElementById('t-' + id));
    if (!row) return;
    if (row.hidden || row.classList.contains('later')) {
      filters.forEach(filter => { filter.value = ''; });
      lists.forEach(list => { list.all = true; });
      sift();
    }
    open(row);
    const part = row.id === id ? row : $('#t-' + CSS.escape(id), row.nextElementSibling);
    if (part !== row) part.open = true;
    part.scrollIntoView({ block: 'start' });
  }
  addEventListener('hashchange', follow);

  /* The map: places come with the page, the script draws one level of them */
  const view = byId('view'), slider = byId('level'), MARGIN = 14;
  let map, level, zoom = 0, chosen = null, marked = null, wished = null;
  const apart = name => /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(name) ? `\u2068${name}\u2069` : name;
  const nameOf = step => step === -1 ? 'start' : step === -2 ? 'end' : apart(map.steps[step].name);
  const classOf = seconds => seconds === null ? 0 : setup.waiting_h.filter(hours => seconds >= hours * 3600).length;
  const span = seconds => seconds < 90 ? `${seconds} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` :
    seconds < 36000 ? `${(seconds / 3600).toFixed(1)} h` : `${count(seconds / 3600)} h`;
  const pen = (times, most) => 1 + 6.5 * Math.sqrt(times / most);
  const has = (at, steps) => steps.every(step => map.levels[at].nodes.some(node => node[0] === step));

  function show(process, candidate) {
    if (!byId('m-' + process)) return;
    byId('flow').value = process;
    map = read('m-' + process);
    chosen = null;
    const list = byId('mark');
    list.replaceChildren(new Option('Nothing', ''));
    for (const id in marks) if (marks[id].process === process) list.append(new Option(marks[id].title, id));
    slider.max = Math.max(0, map.levels.length - 1);
    slider.disabled = map.levels.length < 2;
    byId('steps').replaceChildren(...map.steps.map((step, number) => {
      const item = document.createElement('li'), button = document.createElement('button');
      for (const text of [step.name, count(step.events)]) button.append(Object.assign(document.createElement('span'), { textContent: text }));
      button.setAttribute('aria-pressed', 'false');
      button.onclick = () => choose(number);
      item.append(button);
      return item;
    }));
    byId('process').replaceChildren(byId('t-' + process).content.cloneNode(true));
    view.replaceChildren();
    level = wished ?? usual();
    highlight(candidate || '');
  }
  function usual() {
    const whole = map.levels.findIndex(picture => picture.part >= .85);
    return Math.min(whole < 0 ? 9 : whole, innerWidth <= 760 ? 1 : 2, map.levels.length - 1);
  }
  function highlight(id) {
    marked = marks[id] || null;
    chosen = null;
    byId('mark').value = id;
    level = Math.min(level, map.levels.length - 1);
    if (marked) {
      const drawn = at => has(at, marked.steps) && marked.edges.every(([from, to]) =>
        map.levels[at].edges.some(edge => map.edges[edge[0]][0] === from && map.edges[edge[0]][1] === to));
      level = map.levels.findIndex((_, at) => drawn(at));
      if (level < 0) level = map.levels.findIndex((_, at) => has(at, marked.steps));
      if (level < 0) level = map.levels.length - 1;
    }
    zoom = 0;
    render();
  }
  function choose(step) {
    chosen = chosen === step ? null : step;
    marked = null;
    byId('mark').value = '';
    while (chosen !== null && level < map.levels.length - 1 && !has(level, [chosen])) level++;
    render();
  }

  function render() {
    const picture = map.levels[level];
    if (!picture) { byId('hidden-part').textContent = 'There is nothing to draw'; return; }
    const isFresh = !zoom;
    slider.value = level;
    slider.setAttribute('aria-valuetext', `level ${level + 1} of ${map.levels.length}`);
    let svg = $('svg', view);
    if (!svg) {
      svg = draw('svg', { role: 'img' });
      svg.append(draw('g', { class: 'paths' }), draw('g', { class: 'nodes' }));
      view.append(svg);
    }
    const width = picture.w + 2 * MARGIN, height = picture.h + 2 * MARGIN;
    svg.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${width} ${height}`);
    if (!zoom) {
      const tall = Math.max(1, 1.5 * view.clientHeight / height);
      zoom = Math.max(.55, Math.min(1.15, tall, (view.clientWidth - 2) / width));
    }
    svg.setAttribute('width', width * zoom);
    svg.setAttribute('height', height * zoom);
    const [onSteps, onEdges] = lit(picture);
    svg.setAttribute('class', marked ? `dimmed marked ${marked.lever}` : chosen !== null ? 'dimmed' : '');
    drawPaths($('.paths', svg), picture, onEdges);
    drawSteps($('.nodes', svg), picture, onSteps);
    tell(svg, picture);
    const focus = marked ? marked.steps[0] : chosen;
    const node = picture.nodes.find(node => node[0] === focus) || (isFresh && picture.nodes.find(node => node[0] === -1));
    if (node) view.scrollTo({ left: (node[1] + MARGIN) * zoom - view.clientWidth / 2, top: (node[2] + MARGIN) * zoom - view.clientHeight / 3 });
  }
  function lit(picture) {
    const steps = new Set(), edges = new Set();
    if (marked) {
      marked.steps.forEach(step => steps.add(step));
      for (const [number] of picture.edges) {
        const [from, to] = map.edges[number];
        if (marked.edges.some(edge => edge[0] === from && edge[1] === to)) edges.add(number);
      }
    } else if (chosen !== null) {
      steps.add(chosen);
      for (const [number] of picture.edges) {
        const [from, to] = map.edges[number];
        if (from === chosen || to === chosen) { edges.add(number); steps.add(from); steps.add(to); }
      }
    }
    return [steps, edges];
  }
  function drawPaths(group, picture, on) {
    const most = Math.max(...picture.edges.map(edge => map.edges[edge[0]][2]));
    group.replaceChildren(...[...picture.edges].reverse().map(([number, path, tipX, tipY, footX, footY, labelX, labelY]) => {
      const [from, to, times, wait] = map.edges[number], isOuter = from < 0 || to < 0;
      const thick = isOuter ? 1.8 : Math.min(from === to ? 3.5 : 9, pen(times, most));
      const made = draw('g', { class: `path w${classOf(wait)}${isOuter ? ' outer' : ''}${on.has(number) ? ' on' : ''}` });
      const waits = wait === null ? '' : `, median wait ${span(wait)}`;
      const dx = tipX - footX, dy = tipY - footY, length = Math.hypot(dx, dy) || 1, half = 2.6 + thick * .62;
      const corner = side => `${(footX - side * dy / length * half).toFixed(1)} ${(footY + side * dx / length * half).toFixed(1)}`;
      made.append(
        draw('title', {}, `${nameOf(from)} → ${nameOf(to)}: ${count(times)} times${waits}`),
        draw('path', { class: 'line', d: path, 'stroke-width': thick.toFixed(1) }),
        draw('path', { class: 'head', d: `M${tipX} ${tipY}L${corner(1)}L${corner(-1)}Z` }));
      if (labelX !== undefined) made.append(draw('text', { x: (labelX + thick / 2 + (from === to ? 4 : 0)).toFixed(1), y: labelY + 3.5 }, count(times)));
      return made;
    }));
  }
  function drawSteps(group, picture, on) {
    const old = new Map([...group.children].map(made => [+made.dataset.step, made])), kept = new Set();
    const most = Math.max(1, ...map.steps.map(step => step.cases));
    for (const [number, x, y] of picture.nodes) {
      kept.add(number);
      let made = old.get(number);
      if (!made) { made = number < 0 ? terminal(number) : box(number, most); group.append(made); }
      made.style.transform = `translate(${x}px,${y}px)`;
      made.setAttribute('class', `step${on.has(number) ? ' on' : ''}${chosen === number ? ' chosen' : ''}`);
    }
    for (const [number, made] of old) if (!kept.has(number)) made.remove();
  }
  function terminal(number) {
    const made = draw('g', { 'data-step': number }), isStart = number === -1;
    made.append(draw('title', {}, isStart ? 'A case begins' : 'A case ends'), draw('circle', { r: 13 }),
      isStart ? draw('path', { class: 'sign', d: 'M-4-6L6 0L-4 6Z' }) : draw('rect', { class: 'sign', x: -4.5, y: -4.5, width: 9, height: 9 }));
    return made;
  }
  function box(number, most) {
    const step = map.steps[number], { w, h } = step, made = draw('g', { 'data-step': number });
    made.append(draw('title', {}, `${apart(step.name)}: ${count(step.events)} times in ${count(step.cases)} cases`),
      draw('rect', { class: 'box', x: -w / 2, y: -h / 2, width: w, height: h, rx: 5 }),
      draw('rect', { class: 'part', x: 6 - w / 2, y: h / 2 - 6, width: Math.max(1, (w - 12) * step.cases / most).toFixed(1), height: 2.5 }),
      ...step.lines.map((line, place) => draw('text', { y: 15 - h / 2 + place * 15 }, line)),
      draw('text', { class: 'times', y: 13 - h / 2 + step.lines.length * 15 }, count(step.events)));
    made.onclick = () => choose(number);
    return made;
  }
  function tell(svg, picture) {
    const steps = picture.nodes.filter(node => node[0] >= 0).length;
    const paths = picture.edges.filter(edge => Math.min(...map.edges[edge[0]].slice(0, 2)) >= 0).length;
    const said = `${steps} of ${map.steps.length} steps, ${paths} of ${map.total} paths, ${Math.floor(picture.part * 100)}\u00a0% of all hand-overs`;
    byId('hidden-part').textContent = said;
    const flow = byId('flow'), among = flow.options.length > 1 ? ` (one of ${flow.options.length} processes)` : '';
    byId('map-paper').textContent = `${flow.selectedOptions[0].textContent}${among}: ${said}${marked ? `; in colour: ${marked.title}` : ''}`;
    svg.setAttribute('aria-label', `Process map: ${said}. The table below says the same.`);
    const shown = new Set(picture.nodes.map(node => node[0]));
    $$('#steps li').forEach((item, number) => {
      item.className = shown.has(number) ? '' : 'off';
      item.firstChild.setAttribute('aria-pressed', chosen === number);
    });
    if (chosen === null) { byId('fact').textContent = marked ? marked.title : 'Choose a step to see what leads to it and where it goes.'; return; }
    const step = map.steps[chosen], heaviest = side => map.edges.find(edge => edge[side] === chosen && edge[1 - side] >= 0);
    const into = heaviest(1), out = heaviest(0);
    byId('fact').textContent = `${apart(step.name)}: ${count(step.events)} times in ${count(step.cases)} cases.` +
      (into ? ` Mostly after ${nameOf(into[0])} (${count(into[2])}).` : '') +
      (out ? ` Mostly before ${nameOf(out[1])} (${count(out[2])}${out[3] === null ? '' : `, wait ${span(out[3])}`}).` : '');
  }

  byId('flow').onchange = event => show(event.target.value);
  byId('mark').onchange = event => highlight(event.target.value);
  slider.oninput = () => { level = wished = +slider.value; zoom = 0; render(); };
  const zoomTo = factor => { zoom = Math.max(.2, Math.min(2.5, factor)); render(); };
  byId('in').onclick = () => zoomTo(zoom * 1.2);
  byId('out').onclick = () => zoomTo(zoom / 1.2);
  byId('fit').onclick = () => {
    const picture = map.levels[level];
    zoomTo(Math.min(view.clientWidth / (picture.w + 2 * MARGIN), view.clientHeight / (picture.h + 2 * MARGIN)));
  };

  /* Paper holds every process that fits the filter, the others at the detail a map begins with */
  addEventListener('beforeprint', () => {
    const flow = byId('flow'), seen = flow.value, kept = [level, zoom, chosen, marked, wished], only = byId('by-process').value;
    const others = [...flow.options].filter(one => one.value !== seen && (!only || one.value === only));
    wished = null;
    byId('others').replaceChildren(...others.map(one => {
      show(one.value);
      const part = document.createElement('section'), name = document.createElement('h3'), said = document.createElement('p');
      const box = Object.assign(document.createElement('div'), { className: 'map' });
      name.textContent = one.textContent;
      said.className = 'note';
      said.textContent = byId('hidden-part').textContent;
      box.append(...$$('svg', view).map(svg => svg.cloneNode(true)));
      part.append(name, said, box, byId('t-' + one.value).content.cloneNode(true));
      return part;
    }));
    if (!others.length) return;
    show(seen);
    byId('mark').value = Object.keys(marks).find(id => marks[id] === kept[3]) ?? '';
    [level, zoom, chosen, marked, wished] = kept;
    render();
  });
  addEventListener('afterprint', () => byId('others').replaceChildren());

  sift();
  const first = byId('flow').value;
  if (first) show(first); else byId('hidden-part').textContent = 'There is nothing to draw';
  follow();
  document.documentElement.dataset.ready = Math.round(performance.now());
})();
