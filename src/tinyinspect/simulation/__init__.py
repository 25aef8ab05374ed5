"""A seeded simulation of the inspection line, as an OpenMV camera records it.

Surgical masks are pushed through a perforated tray under a wide-angle camera; some are torn, cut, holed, stained or
folded, or lack a loop. Run ``tinyinspect simulate --help``.

Modules, in the order of the light: ``light`` falls on ``tray`` and ``mask`` (``canvas``, ``fabric``, ``stitching``,
``loops``, ``defects``), ``motion`` moves the mask, ``lens`` and ``sensor`` take the picture, ``truth`` labels it;
``recording`` joins them, ``render`` runs all recordings, ``writer`` stores them and ``contact_sheet`` shows them.
``foreign`` lays ``things`` that do not belong there, shaded by ``solid``, on the same tray.
Lengths are in millimetres on the tray's floor: x along the line, y across it, z up to the camera; light is linear until
the sensor develops it.
"""
