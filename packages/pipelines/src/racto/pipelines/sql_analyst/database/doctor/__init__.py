"""What the connected user could do beside reading, and the role that could not."""

from .examination import examined as examined
from .findings import DoctorReport as DoctorReport, Finding as Finding, Severity as Severity
from .roles import role_script as role_script
