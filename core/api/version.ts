/** Version of this contract; `engines.holdfast` of a manifest is a range of it. */
export const apiVersion = '1.0.0';
