"""Works the recommendations out, see fault_process.py. STOP_AT: the code of a kind, after whose
rows it stops."""

from fault_process import STOP_AT, run, wait_half_way


def prepare(registry):
    generator = registry["sales.recommendation"]
    note_run = generator._note_run

    def _note_run(self, kind, result, error, is_complete=True):
        note_run(self, kind, result, error, is_complete)
        if kind.code == STOP_AT:
            wait_half_way(self.env)

    generator._note_run = _note_run


if __name__ == "__main__":
    run("ir_cron_recommendations", prepare)
