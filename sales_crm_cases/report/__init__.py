from . import privacy_subject_report
