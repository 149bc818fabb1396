/** Preact and htm as one import: `import { html, useState } from "app/ui/html.js"`. */
import { h, render, Fragment, createContext, createRef } from "preact";
import htm from "htm";

export const html = htm.bind(h);
export { h, render, Fragment, createContext, createRef };
export { useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
