/**
 * Cycles of a graph, one for each knot of nodes that reach each other (Tarjan), as a walk that ends where it began.
 * @param graph Edges by node; edges to nodes that are not in it are passed over.
 */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (node: string): void => {
    const number = index.size;
    index.set(node, number);
    low.set(node, number);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!graph.has(next)) continue;
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(node) !== number) return;
    const knot = stack.splice(stack.indexOf(node));
    if (knot.length > 1 || graph.get(node)?.includes(node)) cycles.push(walk(graph, knot));
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return cycles;
}

/** The shortest way around from the first node of a knot back to it. */
function walk(graph: ReadonlyMap<string, readonly string[]>, knot: readonly string[]): string[] {
  const [start = ''] = knot.toSorted();
  const queue = [[start]];
  const seen = new Set<string>();
  for (const way of queue) {
    for (const next of graph.get(way.at(-1) ?? '') ?? []) {
      if (next === start) return [...way, start];
      if (!knot.includes(next) || seen.has(next)) continue;
      seen.add(next);
      queue.push([...way, next]);
    }
  }
  return [...knot];
}
