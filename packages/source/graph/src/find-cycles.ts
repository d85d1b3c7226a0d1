/** Strongly connected components with more than one member, members and components in order of name. */
export function findCycles(nodes: readonly string[], targetsOf: (node: string) => readonly string[]): string[][] {
  const index = new Map(nodes.map((node, at) => [node, at]))
  const edges = nodes.map((node) => targetsOf(node).map((target) => index.get(target) ?? -1))
  const components = findComponents(edges)
  return components
    .map((component) => component.map((at) => nodes[at] ?? '').toSorted())
    .toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1))
}

/** Tarjan's algorithm with its own stack: import chains are deeper than the call stack likes. */
function findComponents(edges: readonly (readonly number[])[]): number[][] {
  const order = new Int32Array(edges.length).fill(-1)
  const low = new Int32Array(edges.length)
  const isOpen = new Uint8Array(edges.length)
  const next = new Int32Array(edges.length)
  const open: number[] = []
  const path: number[] = []
  const components: number[][] = []
  let counter = 0
  const enter = (node: number): void => {
    order[node] = low[node] = counter++
    isOpen[node] = 1
    open.push(node)
    path.push(node)
  }
  const lower = (node: number, value: number): void => {
    if (value < (low[node] ?? 0)) low[node] = value
  }
  for (let start = 0; start < edges.length; start++) {
    if (order[start] !== -1) continue
    enter(start)
    while (path.length > 0) {
      const node = path[path.length - 1] ?? 0
      const target = edges[node]?.[next[node] ?? 0]
      if (target !== undefined) {
        next[node] = (next[node] ?? 0) + 1
        if (target === -1) continue
        if (order[target] === -1) enter(target)
        else if (isOpen[target] === 1) lower(node, order[target] ?? 0)
        continue
      }
      path.pop()
      const parent = path[path.length - 1]
      if (parent !== undefined) lower(parent, low[node] ?? 0)
      if (low[node] === order[node]) closeComponent({ node, open, isOpen, components })
    }
  }
  return components
}

function closeComponent(state: {
  readonly node: number
  readonly open: number[]
  readonly isOpen: Uint8Array
  readonly components: number[][]
}): void {
  const component: number[] = []
  for (let member = state.open.pop(); member !== undefined; member = state.open.pop()) {
    state.isOpen[member] = 0
    component.push(member)
    if (member === state.node) break
  }
  if (component.length > 1) state.components.push(component)
}
