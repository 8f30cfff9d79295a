import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layOut, type Rect, smallest } from '../../../core/terminal/workbench/frame/layout.ts';

const size = {
  width: fc.integer({ min: smallest.width, max: 600 }),
  height: fc.integer({ min: smallest.height, max: 250 }),
  hasTabs: fc.boolean(),
  sideBar: fc.constantFrom(true, false, null),
  panel: fc.boolean(),
};

it('at any size the parts fill the screen and no two of them share a cell', () => {
  fc.assert(
    fc.property(fc.record(size), ({ width, height, ...wish }) => {
      const { activityBar, tabs, sideBar, page, panel, footer, statusBar } = layOut(width, height, wish);
      const parts = [activityBar, tabs, sideBar, page, panel, footer, statusBar].filter((part) => part !== null);
      const cells = parts.reduce((sum, part: Rect) => sum + part.width * part.height, 0);
      expect(cells).toBe(width * height);
      for (const part of parts) {
        expect(part.x >= 0 && part.y >= 0 && part.x + part.width <= width && part.y + part.height <= height).toBe(true);
      }
    }),
  );
});
