import type { Actions, State } from "./state.ts";

/** Opens or closes the dialog as the state has it; the browser keeps the focus inside, and gives it back. */
export function showDialog({ dialog, snapshot }: State, actions: Actions): void {
  const box = document.querySelector<HTMLDialogElement>("#dialog");
  if (box === null) return;
  const gone =
    dialog?.kind === "replica" &&
    snapshot?.services.every(({ tasks }) => tasks.every(({ id }) => id !== dialog.task)) === true;
  if (gone) actions.set({ dialog: undefined });
  if (dialog === undefined || gone) box.close();
  else if (!box.open) box.showModal();
}
