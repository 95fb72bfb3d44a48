import { children, type TypeModel } from "./model.js";

/** Which types can contain themselves: the strongly connected components of the type graph. */
export interface Recursion {
  /** True when a value of this type may hold another value of the same type. */
  isRecursive(type: TypeModel): boolean;
  /** True when each of the two may hold the other. */
  together(a: TypeModel, b: TypeModel): boolean;
  /** True when a recursive type can be met on the way down from here. */
  reachesRecursion(type: TypeModel): boolean;
}

/** Tarjan's algorithm, without recursion: there are contracts in which thousands of types lead to one another. */
export function findRecursion(roots: Iterable<TypeModel>): Recursion {
  const index = new Map<TypeModel, number>();
  const low = new Map<TypeModel, number>();
  const component = new Map<TypeModel, number>();
  const recursive = new Set<number>();
  const reaches = new Map<TypeModel, boolean>();
  const stack: TypeModel[] = [];
  const lowOf = (type: TypeModel): number => low.get(type) ?? 0;

  const enter = (type: TypeModel): { type: TypeModel; rest: TypeModel[] } => {
    low.set(type, index.size);
    index.set(type, index.size);
    stack.push(type);
    return { type, rest: [...children(type)].reverse() };
  };
  const leave = (type: TypeModel): void => {
    for (const child of children(type)) {
      if (!component.has(child)) low.set(type, Math.min(lowOf(type), lowOf(child)));
    }
    const at = index.get(type) ?? 0;
    if (lowOf(type) !== at) return;
    const members = stack.splice(stack.lastIndexOf(type));
    for (const member of members) component.set(member, at);
    const cyclic = members.length > 1 || children(type).includes(type);
    if (cyclic) recursive.add(at);
    const reached = cyclic || members.some((member) => children(member).some((child) => reaches.get(child) === true));
    for (const member of members) reaches.set(member, reached);
  };
  for (const root of roots) {
    const open = index.has(root) ? [] : [enter(root)];
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const child = last.rest.pop();
      if (child === undefined) {
        leave(last.type);
        open.pop();
      } else if (!index.has(child)) open.push(enter(child));
    }
  }

  const componentOf = (type: TypeModel): number => component.get(type) ?? -1;
  return {
    isRecursive: (type) => recursive.has(componentOf(type)),
    together: (a, b) => recursive.has(componentOf(a)) && componentOf(a) === componentOf(b),
    reachesRecursion: (type) => reaches.get(type) === true,
  };
}
